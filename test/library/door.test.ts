import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  compareMethods,
  designPrompt,
  load,
  type Model,
  openPrompt,
  type ProgressEvent,
  searchPrompt,
  shortenPrompt,
  softPrompt,
  transferPrompts,
} from 'softprompt';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordRows, wordTask, wordTaskFolder } from '../tasks/word-task.js';

const folder = wordTaskFolder();
const elsewhere = mkdtempSync(join(tmpdir(), 'softprompt-door-'));
after(() => {
  for (const path of [folder, elsewhere]) rmSync(path, { recursive: true });
});
const at = (...names: string[]) => join(folder, ...names);
const rows = wordRows(500, 1);
const settings = { batchSize: 16, maxSteps: 30, evaluateEvery: 10, baselines: false, seed: 0 };
let model: Model;
before(async () => {
  model = await load(TINY_MODEL);
});
after(() => model.close());
const task = () => model.classify('[soft:10]{text} so{label}', { 0: 'x', 1: 'o' });
const refuses = (promise: Promise<unknown>, code: string) => assert.rejects(promise, { code });

test('rows in memory, a generator and a file give the very prompt of the command', async () => {
  const { test: _, ...files } = wordTask(folder, 'command');
  await tunePrompt({ ...files, ...settings });
  const events: ProgressEvent[] = [];
  const beside = readdirSync('.').join();
  const prompt = await task().tune(rows.slice(0, 300), {
    ...settings,
    method: softPrompt(),
    valid: (async function* () {
      yield* rows.slice(300, 400);
    })(),
    onEvent: (event) => events.push(event),
  });
  assert.equal(readdirSync('.').join(), beside, 'nothing is written before it is saved');
  assert.equal(events.filter(({ event }) => event === 'step').length, 30);
  await prompt.save(join(elsewhere, 'prompt'));
  for (const name of ['adapter_model.safetensors', 'adapter_config.json', 'initial_embeddings.safetensors']) {
    assert.deepEqual(readFileSync(join(elsewhere, 'prompt', name)), readFileSync(at('command', name)), name);
  }
  await refuses(prompt.save(join(elsewhere, 'prompt')), 'PROMPT_FOLDER_EXISTS');
  await prompt.save(join(elsewhere, 'prompt'), { overwrite: true });

  const opened = await openPrompt<'text', '0' | '1'>(at('command'));
  assert.deepEqual([opened.slots, opened.labels, opened.report], [['text'], ['0', '1'], undefined]);
  const texts = rows.slice(400, 405).map(({ text }) => ({ text }));
  const many = await prompt.predict(texts);
  assert.deepEqual(await opened.predict(texts), many);
  assert.deepEqual(await prompt.predict(new Set(texts)), many);
  assert.deepEqual(await prompt.predict([]), []);
  const one = await prompt.predict(texts[0]!);
  assert.equal(one.label, many[0]!.label);
  assert.ok(Math.abs(one.probabilities[0] + one.probabilities[1] - 1) < 1e-6);

  const fromFile = await opened.evaluate(at('test.jsonl'));
  assert.deepEqual(await prompt.evaluate(rows.slice(400)), fromFile);
  const inspection = await opened.inspect();
  assert.ok('vocabulary' in inspection && inspection.tokens.length === 10);
  await opened.close();
  await prompt.close();
});

test('what is no row, no text, or has a label outside the set is refused with its number', async () => {
  const anything = task() as unknown as { tune(rows: unknown, options?: object): Promise<unknown> };
  await refuses(anything.tune(['a text']), 'DATA_ROWS_INVALID');
  await refuses(anything.tune(7), 'DATA_ROWS_INVALID');
  await refuses(anything.tune([{ text: { deep: 1 }, label: '0' }]), 'DATA_ROWS_INVALID');
  await refuses(anything.tune([]), 'DATA_EMPTY');
  await assert.rejects(
    anything.tune([
      { text: 'a', label: '0' },
      { txt: 'a', label: '0' },
    ]),
    {
      code: 'DATA_COLUMN_MISSING',
      message: /rows:2 has no 'text'/,
    },
  );
  await refuses(anything.tune([{ text: 'a', label: 'other' }]), 'DATA_LABEL_UNKNOWN');
  await refuses(anything.tune(rows.slice(0, 40), { maxSteps: 0 }), 'TUNING_SETTING');
  const prompt = (await task().tune(rows.slice(0, 40), { ...settings, maxSteps: 1 })) as unknown as {
    predict(text: unknown): Promise<unknown>;
  };
  await refuses(prompt.predict('a text'), 'DATA_ROWS_INVALID');
  await assert.rejects(prompt.predict([{ text: 'a' }, { txt: 'a' }]), {
    code: 'FIELD_MISSING',
    message: /Text 2 has no 'text'; it has 'txt'/,
  });
  assert.throws(() => model.classify('{text', { 0: 'x', 1: 'o' }), { code: 'TEMPLATE_INVALID' });
  assert.throws(() => model.classify('{text}{label}', { 0: 'x' }), { code: 'LABELS_INVALID' });
  await refuses(model.classify('{text}{label}', { 0: 'x', 1: 'o' }).tune(rows.slice(0, 40)), 'NOTHING_TO_LEARN');
});

test("a signal ends any verb with its reason, and a closed model's prompts with it", async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const tuning = task().tune(rows.slice(0, 100), {
    ...settings,
    signal: abort.signal,
    onEvent: (event) => event.event === 'step' && event.step === 3 && abort.abort(reason),
  });
  await assert.rejects(tuning, reason);
  await assert.rejects(load(TINY_MODEL, { signal: abort.signal }), reason);

  const other = await load(TINY_MODEL);
  const prompt = await other
    .classify('[soft:2]{text}{label}', { 0: 'x', 1: 'o' })
    .tune(rows.slice(0, 40), { ...settings, maxSteps: 1 });
  await assert.rejects(prompt.predict({ text: 'a' }, { signal: abort.signal }), reason);
  await other.close();
  await other.close();
  await refuses(prompt.predict({ text: 'a' }), 'CLOSED');
  assert.throws(() => other.classify('{text}{label}', { 0: 'x', 1: 'o' }), { code: 'CLOSED' });
  if (Symbol.asyncDispose) assert.equal(typeof prompt[Symbol.asyncDispose], 'function');
});

test('the door has at most forty names, and its rooms are exported', () => {
  const names = [...readFileSync('src/index.ts', 'utf8').matchAll(/^export (?:type )?(?:\{([^}]*)\}|\* as (\w+))/gm)]
    .flatMap(([, list, room]) => room ?? list!.split(','))
    .filter((name) => name.trim() !== '');
  assert.ok(names.length <= 40 && names.length > 10, `${names.length} names`);
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, { types: string; default: string }>;
  };
  for (const room of ['recommend', 'data', 'evaluation', 'templates', 'files', 'autodiff']) {
    assert.ok(existsSync(exports[`./${room}`]!.types) && existsSync(exports[`./${room}`]!.default), room);
  }
});

test('design, search, shorten, compare and transfer go from files to folders, as the commands do', async () => {
  const files = { model: TINY_MODEL, train: at('train.jsonl'), valid: at('valid.jsonl'), threads: 1 };
  const found = await searchPrompt({
    ...{ ...files, template: 'is it x{text} so{label}', labels: { 0: 'x', 1: 'o' }, maxCalls: 3, shots: 8 },
    ...{ valid: undefined, out: join(elsewhere, 'found') },
  });
  const opened = await openPrompt(found.out);
  assert.equal((await opened.predict({ text: 'the film was good' })).label.length, 1);
  await opened.close();
  const designed = await designPrompt({
    ...{ ...files, valid: undefined, shots: 8, tokens: 6, maxSteps: 2, minutes: 1, out: join(elsewhere, 'designed') },
    ...{ template: '{text} so{label}', labels: { 0: 'x', 1: 'o' } },
  });
  assert.ok(designed.reasons.length > 1);
  const long = await task().tune(rows.slice(0, 100), { ...settings, maxSteps: 2 });
  await long.save(join(elsewhere, 'long'));
  await long.close();
  const short = await shortenPrompt({
    ...{ ...files, model: undefined, prompt: join(elsewhere, 'long'), tokens: 4, maxSteps: 2 },
    out: join(elsewhere, 'short'),
  });
  assert.equal(short.tokens!.length, 4);
  await refuses(compareMethods({ model: TINY_MODEL, out: join(elsewhere, 'compared') }), 'TUNING_SETTING');
  await refuses(
    transferPrompts({ model: TINY_MODEL, sets: at('no.json'), out: join(elsewhere, 'moved') }),
    'TUNING_SETTING',
  );
});
