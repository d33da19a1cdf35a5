import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type JobName, jobIn, readJob } from '../../src/job-kinds.js';
import { optionsFromJson, optionsToJson } from '../../src/jobs/options-json.js';
import { readTensorFile } from '../../src/weights/tensor-file.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { changeInput, interruptedAt, makeWorld, RUN_KINDS, type RunEvent, type RunKind } from './runs.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-jobs-'));
after(() => rmSync(scratch, { recursive: true }));
const world = join(scratch, 'world');
before(() => makeWorld(world));

/** Makes files that a killed process was writing as old as those that the next one may remove. */
function letMinutesPass(out: string): void {
  const before = Date.now() / 1000 - 120;
  for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.tmp')) utimesSync(join(out, name), before, before);
}

/** A run of the kind that was interrupted halfway, in a copy of its own; made once. */
const halves = new Map<string, string>();
async function half(kind: RunKind, name: string): Promise<string> {
  const made = halves.get(kind.name) ?? join(scratch, `${kind.name}-half`);
  if (!halves.has(kind.name)) {
    const { ended } = await interruptedAt((hooks) => kind.start(world, made, {}, hooks), kind.halfway);
    assert.equal(ended, 'interrupted');
    halves.set(kind.name, made);
  }
  const out = join(scratch, `${kind.name}-${name}`);
  cpSync(made, out, { recursive: true });
  moveRecord(out, made);
  return out;
}

/** A profile's examples lie in its folder, and its record names them. */
function moveRecord(out: string, from: string): void {
  const path = join(out, 'training', 'run.json');
  if (existsSync(path)) writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, out));
}

const wholes = new Map<string, Promise<Map<string, Buffer>>>();
/** What an uninterrupted run of the kind makes. */
function whole(kind: RunKind): Promise<Map<string, Buffer>> {
  const run = async () => {
    const out = join(scratch, `${kind.name}-whole`);
    assert.equal((await kind.start(world, out)).ended, 'finished');
    return results(kind, out);
  };
  const known = wholes.get(kind.name) ?? run();
  wholes.set(kind.name, known);
  return known;
}

const results = ({ files }: RunKind, out: string) =>
  new Map(files.map((name) => [name, readFileSync(join(out, name))] as const));
const leftBehind = (out: string) => readdirSync(out).filter((name) => name.startsWith('.') || name === 'training');
const states = (out: string) =>
  new Map(
    readdirSync(join(out, 'training'))
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => [name, readFileSync(join(out, 'training', name))] as const),
  );
const log = (out: string) =>
  readFileSync(join(out, 'training', 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent & { time: string });
/** As whole numbers of updates or epochs, in the order they came. */
const progress = (events: readonly RunEvent[]) =>
  events.filter(({ event }) => event === 'step' || event === 'epoch').map(({ step, epoch }) => Number(step ?? epoch));

async function resumesTo(kind: RunKind, out: string, events: RunEvent[] = []): Promise<void> {
  const result = await kind.resume(out, { onEvent: (event) => events.push(event) });
  assert.deepEqual([result.ended, result.out], ['finished', out]);
  assert.deepEqual(results(kind, out), await whole(kind));
  assert.deepEqual(leftBehind(out), kind.staysResumable ? ['training'] : []);
}

for (const kind of RUN_KINDS) {
  const { name } = kind;

  test(`${name}: interrupted halfway, it goes on to the same bytes, and does nothing twice`, async () => {
    const out = await half(kind, 'resumed');
    assert.ok(!existsSync(join(out, 'softprompt.json')));
    assert.ok(log(out).some(kind.halfway) || log(out).some(({ event }) => event === 'step'));
    assert.ok(log(out).every(({ time }) => !Number.isNaN(Date.parse(time))));
    const first = progress(log(out)).at(-1)!;
    const events: RunEvent[] = [];
    await resumesTo(kind, out, events);
    const steps = progress(events);
    assert.ok(steps.length > 0 && steps[0]! > first, `${steps} after ${first}`);
    if (!kind.staysResumable) await assert.rejects(kind.resume(out), { code: 'RUN_NOT_FOUND' });
  });

  test(`${name}: a job is data: kind, plan, hashes of inputs, shards`, async () => {
    const out = await half(kind, 'data');
    const job = await readJob(out);
    assert.equal(job.kind, await jobIn(out));
    const again = optionsFromJson(optionsToJson(job), z.looseObject({})).record;
    assert.deepEqual(again, job);
    assert.ok(
      Object.values(job.inputs).length > 0 && Object.values(job.inputs).every((hash) => /^[0-9a-f]{64}$/.test(hash)),
    );
    assert.deepEqual(
      job.shards.map((shard) => `${shard}.safetensors`),
      [...states(out).keys()].sort(),
    );
  });

  test(`${name}: a changed input is refused, by name where that is known; restored, it goes on`, async () => {
    const out = await half(kind, 'changed');
    const kept = states(out);
    const restore = changeInput(kind, world, out);
    await assert.rejects(kind.resume(out), { code: 'RUN_DATA_CHANGED', message: /\(.+\).*--overwrite/s });
    // what earlier versions kept has no names
    const record = ['run.json', 'words-run.json', 'fit.json']
      .map((file) => join(out, 'training', file))
      .find(existsSync)!;
    const { inputs, ...nameless } = JSON.parse(readFileSync(record, 'utf8'));
    assert.ok(inputs);
    writeFileSync(record, JSON.stringify(nameless));
    await assert.rejects(kind.resume(out), { code: 'RUN_DATA_CHANGED' });
    restore();
    assert.deepEqual(states(out), kept);
    await resumesTo(kind, out);
  });

  test(`${name}: a second process is refused, one that is gone is not waited for`, async () => {
    const out = join(scratch, `${name}-twice`);
    const refused: Promise<unknown>[] = [];
    const result = await interruptedAt(
      (hooks) => kind.start(world, out, {}, hooks),
      (event) => {
        if (refused.length > 0 || !kind.halfway(event)) return false;
        refused.push(assert.rejects(kind.start(world, out), { code: 'RUN_IN_USE', message: /Wait for it/ }));
        refused.push(assert.rejects(kind.start(world, out, { overwrite: true }), { code: 'RUN_IN_USE' }));
        refused.push(assert.rejects(kind.resume(out), { code: 'RUN_IN_USE' }));
        return false;
      },
    );
    await Promise.all(refused);
    assert.equal(refused.length, 3);
    assert.equal(result.ended, 'finished');
    assert.deepEqual(results(kind, out), await whole(kind));

    const left = await half(kind, 'left');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(left, '.softprompt-lock'), JSON.stringify({ host: hostname(), pid }));
    await resumesTo(kind, left);
  });

  test(`${name}: a new job does not discard an interrupted one unless told to`, async () => {
    const out = await half(kind, 'kept');
    const kept = states(out);
    for (const other of RUN_KINDS.filter((other) => other !== kind && other.name !== name)) {
      await assert.rejects(other.start(world, out), { code: 'RUN_UNFINISHED' }, other.name);
    }
    assert.deepEqual(states(out), kept);
    const events: RunEvent[] = [];
    await kind.start(world, out, { overwrite: true }, { onEvent: (event) => events.push(event) });
    assert.equal(progress(events)[0], 1);
    assert.deepEqual(results(kind, out), await whole(kind));
  });

  test(`${name}: what fails before anything was trained leaves nothing`, async () => {
    const out = join(scratch, `${name}-failed`, 'deep');
    const empty = join(scratch, 'nowhere');
    await assert.rejects(kind.start(empty, out));
    assert.ok(!existsSync(join(scratch, `${name}-failed`)));
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await assert.rejects(kind.start(empty, out));
    assert.deepEqual(readdirSync(out), ['notes.txt']);
    await assert.rejects(kind.resume(out), { code: 'RUN_NOT_FOUND' });
    assert.deepEqual(readdirSync(out), ['notes.txt']);
  });

  test(`${name}: Ctrl-C, kill -9 and a full disk lose nothing; the command line goes on`, async () => {
    const out = join(scratch, `${name}-killed`);
    const killed = await softprompt([...kind.command(world), '--out', out, '--json'], {
      onLine: (line, child) => kind.halfway(JSON.parse(line) as RunEvent) && child.kill('SIGKILL'),
    });
    assert.equal(killed.signal, 'SIGKILL', killed.stderr);
    letMinutesPass(out);
    let signals = 0;
    const stopped = await softprompt(['resume', out, '--json'], {
      onLine: (line, child) => {
        if (progress([JSON.parse(line) as RunEvent]).length > 0 && signals++ === 0) child.kill('SIGINT');
      },
    });
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.deepEqual(jsonEvents(stopped).at(-1)!.ended, 'interrupted');
    const kept = states(out);
    const full = await softprompt(['resume', out, '--json'], { fileBlocks: 2 });
    assert.equal(full.code, 1);
    const { code, fix } = jsonEvents(full).at(-1)!;
    assert.match(String(code), /^(PROMPT_FOLDER|MODEL)_UNWRITABLE$/);
    assert.match(String(fix), /resume/);
    assert.deepEqual(states(out), kept);
    const resumed = await softprompt(['resume', out, '--json']);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(jsonEvents(resumed).at(-1)!.ended, 'finished');
    assert.deepEqual(results(kind, out), await whole(kind));
    assert.deepEqual(leftBehind(out), kind.staysResumable ? ['training'] : []);
  });

  test(`${name}: a run that an earlier version interrupted goes on`, async () => {
    const out = join(scratch, `${name}-earlier`);
    cpSync(join('test/fixtures/interrupted-runs', name), out, { recursive: true });
    const training = join(out, 'training');
    for (const file of readdirSync(training).filter((file) => file.endsWith('.json'))) {
      const text = readFileSync(join(training, file), 'utf8');
      writeFileSync(join(training, file), text.replaceAll('@WORLD@', world).replaceAll('@OUT@', out));
    }
    const expected: JobName = name === 'profile' ? 'tune' : (name as JobName);
    assert.equal(await jobIn(out), expected);
    const events: RunEvent[] = [];
    assert.equal((await kind.resume(out, { onEvent: (event) => events.push(event) })).ended, 'finished');
    assert.ok(progress(events)[0]! > 1, 'it goes on');
    // another processor rounds differently from the one that began it
    const file = kind.staysResumable ? 'training/state.safetensors' : kind.files[0]!;
    await whole(kind);
    const [now, then] = [
      await readTensorFile(join(out, file)),
      await readTensorFile(join(scratch, `${name}-whole`, file)),
    ];
    for (const [tensor, values] of Object.entries(then)) {
      const furthest = Math.max(...Array.from(values, (value, i) => Math.abs(Number(value) - Number(now[tensor]![i]))));
      assert.ok(furthest < 1e-3, `${tensor} is ${furthest} away`);
    }
  });
}
