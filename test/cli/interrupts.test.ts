import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTuningState } from '../../src/training/tuning-state.js';
import { wordRows, wordTask, wordTaskFolder, writeRows } from '../tasks/word-task.js';
import { type JsonEvent, jsonEvents, type SpawnOptions, softprompt } from './spawn-softprompt.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const { model, template, labels, train, valid } = wordTask(folder, '');
const task = ['--model', model, '--template', template, '--labels', JSON.stringify(labels), '--valid', valid!];
const at = (...names: string[]) => join(folder, ...names);
const tune = (out: string, options: SpawnOptions, ...flags: string[]) =>
  softprompt(
    ['tune', ...task, '--train', train, '--max-steps', '150', '--evaluate-every', '10', '--out', at(out), ...flags],
    options,
  );
const resume = (out: string, options: SpawnOptions = {}) => softprompt(['resume', at(out), '--json'], options);
const adapter = (out: string) => readFileSync(at(out, 'adapter_model.safetensors'));
const stateFile = (out: string) => at(out, 'training', 'seed-0.safetensors');
const stepOf = async (out: string) => (await readTuningState(stateFile(out))).state.step;
const parse = (line: string) => JSON.parse(line) as JsonEvent;

before(async () => {
  const { code, stderr } = await tune('whole', {});
  assert.equal(code, 0, stderr);
});

test('kill -9 in the middle: resumed, the run ends with the same bytes', async () => {
  const killed = await tune(
    'killed',
    { onLine: (line, child) => parse(line).event === 'step' && parse(line).step === 15 && child.kill('SIGKILL') },
    '--json',
  );
  assert.equal(killed.signal, 'SIGKILL');
  assert.ok(!existsSync(at('killed', 'softprompt.json')));
  const saved = await stepOf('killed');
  assert.ok(saved >= 10 && saved < 150, `saved after ${saved} steps`);
  const resumed = await resume('killed');
  const events = jsonEvents(resumed);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(events.find(({ event }) => event === 'step')!.step, saved + 1, 'nothing is done twice');
  assert.equal(events.at(-1)!.ended, 'finished');
  assert.deepEqual(adapter('killed'), adapter('whole'));
});

test('Ctrl-C saves, says how to go on, ends with 130; a full disk while going on loses nothing', async () => {
  const stopped = await tune('stopped', {
    onLine: (line, child) => line.startsWith('Step    20 ') && child.kill('SIGINT'),
  });
  assert.deepEqual([stopped.code, stopped.stderr], [130, '']);
  assert.match(stopped.stdout, /^Saving … \(Ctrl-C again to leave at once\)$/m);
  const step = await stepOf('stopped');
  assert.ok(
    stopped.stdout.endsWith(`Interrupted after step ${step}; go on with:\n  npx softprompt resume ${at('stopped')}\n`),
  );

  const before = readFileSync(stateFile('stopped'));
  const full = await resume('stopped', { fileBlocks: 8 });
  assert.equal(full.code, 1);
  const error = jsonEvents(full).at(-1)!;
  assert.deepEqual([error.event, error.code], ['error', 'PROMPT_FOLDER_UNWRITABLE']);
  assert.match(String(error.fix), /resume/);
  assert.deepEqual(readFileSync(stateFile('stopped')), before);

  const resumed = await resume('stopped');
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual(adapter('stopped'), adapter('whole'));
});

test('with --json an interrupted run says so in its result', async () => {
  const stopped = await tune(
    'stopped-json',
    { onLine: (line, child) => parse(line).event === 'validation' && child.kill('SIGINT') },
    '--json',
  );
  assert.equal(stopped.code, 130);
  const result = jsonEvents(stopped).at(-1)!;
  assert.deepEqual([result.event, result.ended, result.steps], ['result', 'interrupted', await stepOf('stopped-json')]);
});

test('a second Ctrl-C leaves at once', async () => {
  // an update in so many pieces that it takes seconds; the first signal comes when it has surely begun
  const rows = wordRows(1000, 2);
  writeRows(at('many.jsonl'), [...rows, ...rows, ...rows, ...rows]);
  let timer: NodeJS.Timeout | undefined;
  let sent = 0;
  // a third one would end a process that is already leaving, on a busy machine
  const twice = (child: { kill(signal: 'SIGINT'): boolean }) => {
    child.kill('SIGINT');
    sent += 1;
    if (sent === 2) clearInterval(timer);
  };
  const left = await tune(
    'left',
    {
      onLine: (line, child) => {
        const { event, done, all } = parse(line);
        if (event === 'scoring' && done === all) timer ??= setInterval(() => twice(child), 700);
      },
    },
    ...['--train', at('many.jsonl'), '--batch-size', '4000', '--accumulation', '4000', '--json'],
  );
  clearInterval(timer);
  assert.equal(left.code, 130);
  assert.ok(jsonEvents(left).every(({ event }) => event !== 'result' && event !== 'step'));
});
