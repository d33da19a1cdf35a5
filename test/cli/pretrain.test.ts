import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { textFolder } from '../tasks/made-up-texts.js';
import { type JsonEvent, jsonEvents, type SpawnOptions, softprompt } from './spawn-softprompt.js';

const folder = textFolder();
after(() => rmSync(folder, { recursive: true }));
const shape = ['--vocabulary', '300', '--width', '16', '--layers', '1', '--context', '16', '--batch-tokens', '64'];
const length = ['--max-steps', '60', '--evaluate-every', '20', '--valid-share', '0.1', '--threads', '1'];
const pretrain = (out: string, options: SpawnOptions = {}, ...flags: string[]) =>
  softprompt(
    ['pretrain', '--data', 'en=en.txt', '--data', 'zh=zh.txt:2', '--out', out, ...shape, ...length, ...flags],
    {
      cwd: folder,
      ...options,
    },
  );
const model = (out: string) => readFileSync(join(folder, out, 'model.safetensors'));
const parse = (line: string) => JSON.parse(line) as JsonEvent;

before(async () => {
  const { code, stdout, stderr } = await pretrain('whole');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Model {3}\d+ weights: 1 layers, 16 wide, 300 tokens$/m);
  assert.match(stdout, /^Data {4}en\.txt: 1\d\d documents to learn from, \d+ tokens read$/m);
  assert.match(
    stdout,
    /^Step {4}60 {3}training loss \d\.\d{3} {3}validation en \d\.\d{3} \(\d\.\d{3} a character\), zh \d/m,
  );
  assert.match(stdout, /The model is in whole/);
});

test('Ctrl-C saves; `softprompt resume` goes on, from another folder too, to the same bytes', async () => {
  const stop: SpawnOptions = { onLine: (line, child) => line.startsWith('Step    20 ') && child.kill('SIGINT') };
  const stopped = await pretrain('stopped', stop);
  assert.deepEqual([stopped.code, stopped.stderr], [130, '']);
  const step = /Interrupted after step (\d+); go on with:\n {2}npx softprompt resume stopped\n$/.exec(
    stopped.stdout,
  )?.[1];
  assert.ok(Number(step) >= 20 && Number(step) < 60, stopped.stdout);
  const resumed = await softprompt(['resume', join(folder, 'stopped'), '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  const events = jsonEvents(resumed);
  assert.equal(events.find(({ event }) => event === 'step')!.step, Number(step) + 1);
  assert.deepEqual([events.at(-1)!.event, events.at(-1)!.ended, events.at(-1)!.steps], ['result', 'finished', 60]);
  assert.deepEqual(model('stopped'), model('whole'));
});

test('Ctrl-C while encoding ends at once; the same command starts again', async () => {
  const early: SpawnOptions = { onLine: (line, child) => parse(line).event === 'model' && child.kill('SIGINT') };
  const { code, stdout } = await pretrain('early', early, '--json');
  assert.equal(code, 130);
  const result = parse(stdout.trimEnd().split('\n').at(-1)!);
  assert.deepEqual([result.event, result.ended], ['result', 'interrupted']);
  assert.equal((await pretrain('early')).code, 0);
  assert.deepEqual(model('early'), model('whole'));
});

test('kill -9, then a full disk: what was saved stays, and the run ends with the same bytes', async () => {
  const killed = await pretrain(
    'killed',
    { onLine: (line, child) => parse(line).event === 'step' && parse(line).step === 33 && child.kill('SIGKILL') },
    '--json',
  );
  assert.equal(killed.signal, 'SIGKILL');
  const full = await pretrain('killed', { fileBlocks: 8 }, '--json');
  assert.equal(full.code, 1);
  const error = jsonEvents(full).at(-1)!;
  assert.deepEqual([error.event, error.code], ['error', 'MODEL_UNWRITABLE']);
  const resumed = await softprompt(['resume', 'killed', '--json'], { cwd: folder });
  const events = jsonEvents(resumed);
  assert.equal(events.find(({ event }) => event === 'step')!.step, 21);
  assert.deepEqual(model('killed'), model('whole'));
});

test('refusals name what to do', async () => {
  const other = await pretrain('whole', {}, '--seed', '5');
  assert.equal(other.code, 1);
  assert.match(other.stderr, /^RUN_UNFINISHED: .*softprompt resume whole.*--overwrite/);
  const nothing = await softprompt(['pretrain', '--out', 'x'], { cwd: folder });
  assert.match(nothing.stderr, /^FLAG_MISSING: .*--data/);
  const lost = await softprompt(['resume', 'x'], { cwd: folder });
  assert.match(lost.stderr, /^RUN_NOT_FOUND: /);
  assert.ok(!existsSync(join(folder, 'x')));
  assert.ok(statSync(join(folder, 'whole', 'history.jsonl')).size > 0);
});
