/**
 * The service under 32 connections that ask eight prompts of SmolLM2-135M, from a second process, beside the rate of the
 * same work without a service, before and after; and beside FastAPI with PEFT, `set_adapter` a request, where PEER_PYTHON is set.
 *
 *   npm run build && PEER_PYTHON=… node dist/bench/service/load.js [seconds]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mixedNetwork } from '../../src/network/mixed/mixed-network.js';
import { promptOnModel } from '../../src/tasks/open-prompt.js';
import { mixablePrompt, predictMixed } from '../../src/tasks/predict-mixed.js';
import { lastJson, machine, writeResult } from '../machine.js';
import { GGUF, MODEL } from '../sst2-data.js';
import { drawPrompts, frozenModel, testTexts, writePrompts } from './made-prompts.js';
import { figures, running, startServer } from './running-server.js';

const seconds = Number(process.argv[2] ?? 25);
const [CONNECTIONS, PROMPTS, BATCH] = [32, 8, 32];
const folder = mkdtempSync(join(tmpdir(), 'load-'));
const model = await frozenModel();
const saved = await drawPrompts(model, PROMPTS);
await writePrompts(folder, saved);

const network = mixedNetwork(model.checkpoint, { thread: 'own' });
const prompts = saved.map((prompt) => mixablePrompt(promptOnModel(prompt, model)));
const texts = testTexts();
let next = 0;
const offlineBatch = async () => {
  const asked = Array.from({ length: BATCH }, () => {
    const prompt = prompts[next % PROMPTS]!;
    const text = texts[next++ % texts.length]!;
    return { prompt, sequence: prompt.open.task.encode({ id: 'text', fields: { text }, label: undefined }) };
  });
  await predictMixed(network, asked);
};
/** Texts a second, as fast as batches go. */
async function offline(): Promise<number> {
  await offlineBatch();
  const start = performance.now();
  let batches = 0;
  for (; performance.now() - start < (seconds * 1000) / 2; batches++) await offlineBatch();
  return (batches * BATCH * 1000) / (performance.now() - start);
}

const load = (url: string) =>
  lastJson(process.execPath, ['dist/bench/service/load-client.js', url, `${CONNECTIONS}`, `${seconds}`, `${PROMPTS}`]);

const server = await startServer([folder]);
const offlineBefore = await offline();
await figures(server.url); // begins a new count of the event loop's delays
const service = load(server.url) as { requestsPerSecond: number; milliseconds: { p50: number; p99: number } };
const seen = await figures(server.url);
const offlineAfter = await offline();
await network.release();
await server.stop();

const python = process.env.PEER_PYTHON;
const peer = python === undefined ? undefined : await measurePeer(python);

async function measurePeer(command: string): Promise<{ requestsPerSecond: number }> {
  const port = 18_700 + Math.floor(Math.random() * 200);
  const child = spawn(command, ['compare/peft_server.py', MODEL, GGUF, folder, `${port}`], { stdio: 'inherit' });
  const { url, stop } = running(child, `http://127.0.0.1:${port}`);
  for (let wait = 0; wait < 240; wait++) {
    if (await fetch(`${url}/docs`).catch(() => undefined)) break;
    await new Promise((later) => setTimeout(later, 500));
  }
  const found = load(url) as { requestsPerSecond: number };
  await stop();
  return found;
}

const offlineRate = (offlineBefore + offlineAfter) / 2;
const result = {
  what: `${CONNECTIONS} connections, each with one text of SST-2 at a time for one of ${PROMPTS} prompts of SmolLM2-135M, for ${seconds} s`,
  machine: machine(),
  offlineTextsPerSecond: { before: offlineBefore, after: offlineAfter },
  service,
  shareOfOffline: service.requestsPerSecond / offlineRate,
  p99ToP50: service.milliseconds.p99 / service.milliseconds.p50,
  eventLoopDelaySeconds: { p50: seen.nodejs_eventloop_lag_p50_seconds, p99: seen.nodejs_eventloop_lag_p99_seconds },
  residentMiB: seen.process_resident_memory_bytes! / 2 ** 20,
  peer,
  timesPeer: peer && service.requestsPerSecond / peer.requestsPerSecond,
};
console.log(result);
writeResult('bench/results/service-load.json', result);
rmSync(folder, { recursive: true, force: true });
process.exit(0);
