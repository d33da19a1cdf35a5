import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ErrorCode, SoftpromptError } from '../../src/errors.js';
import { readExactly, withOpenFile } from '../../src/files/read-bytes.js';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';
import {
  type PretrainingEvent,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from '../../src/pretraining/pretrain-model.js';
import { pretrainingJobFolder, readPretraining } from '../../src/pretraining/pretraining-job.js';
import type { PretrainingOptions } from '../../src/pretraining/pretraining-options.js';
import { encodeStreams, splitTexts, validationTexts } from '../../src/pretraining/pretraining-text.js';
import { loadTokenizer } from '../../src/tokenizer/load-tokenizer.js';
import { textFolder } from '../tasks/made-up-texts.js';

const folder = textFolder();
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const cacheFolder = at('cache');
const options = (out: string, more: Partial<PretrainingOptions> = {}): PretrainingOptions => ({
  data: [`en=${at('en.txt')}`, `zh=${at('zh.txt')}:2`],
  out: at(out),
  vocabulary: 330,
  width: 32,
  layers: 2,
  heads: 2,
  context: 40,
  length: 32,
  batchTokens: 256,
  maxSteps: 120,
  evaluateEvery: 40,
  learningRate: 0.01,
  validShare: 0.1,
  threads: 1,
  ...more,
});
const SMALLER = { width: 16, layers: 1, maxSteps: 8, evaluateEvery: 4 };
const model = (out: string) => readFileSync(at(out, 'model.safetensors'));
const stateFile = (out: string) => at(out, 'training', 'state.safetensors');
const state = async (out: string) => {
  const { state, basis } = (await readPretraining(pretrainingJobFolder(at(out))))!;
  return { ...state, trainingSeconds: 0, basis };
};
const history = (out: string) => readFileSync(at(out, 'history.jsonl'), 'utf8');
const rejects = (promise: Promise<unknown>, code: ErrorCode, words = /./) =>
  assert.rejects(promise, (error: SoftpromptError) => {
    assert.equal(error.code, code, error.stack);
    assert.match(error.message, words);
    return true;
  });

function interrupted(run: PretrainingOptions, when: (event: PretrainingEvent) => boolean): Promise<PretrainingResult> {
  const abort = new AbortController();
  return pretrainModel(run, { signal: abort.signal, onEvent: (event) => when(event) && abort.abort() });
}

let whole: PretrainingResult;
before(async () => {
  whole = await pretrainModel(options('whole'));
});

/** What the run `whole` learned from and was validated on. */
async function wholeTexts() {
  const tokenizer = await loadTokenizer(at('whole', 'tokenizer.json'));
  const json = JSON.parse(readFileSync(at('whole', 'tokenizer.json'), 'utf8'));
  const texts = await splitTexts(options('whole'), 0.1, 0);
  const encoding = { tokenizer, json, endOfText: 0 };
  const validation = await validationTexts(texts, encoding, { length: 32, tokens: 16384 });
  return { tokenizer, texts, validation, streams: await encodeStreams(texts, encoding, 1e6, 33) };
}

test('a tiny model learns: half the loss of a unigram model, in both languages', async () => {
  assert.deepEqual([whole.ended, whole.steps, whole.tokens], ['finished', 120, 120 * 256]);
  assert.deepEqual(
    whole.history.map(({ step }) => step),
    [40, 80, 120],
  );
  const { validation, streams } = await wholeTexts();
  assert.deepEqual(
    validation.map(({ language }) => language),
    ['en', 'zh'],
  );
  for (const [i, { windows, characters }] of validation.entries()) {
    const counts = new Map<number, number>();
    for (const id of streams[i]!.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    const targets = windows.flatMap((window) => [...window.subarray(1)]);
    const unigram = -targets.reduce((sum, id) => sum + Math.log((counts.get(id) ?? 0.5) / streams[i]!.ids.length), 0);
    const { natsPerToken, natsPerCharacter } = whole.history.at(-1)!.validation[i]!;
    assert.ok(natsPerToken < (0.5 * unigram) / targets.length, `${natsPerToken}, unigram ${unigram / targets.length}`);
    assert.ok(Math.abs(natsPerCharacter * characters - natsPerToken * targets.length) < 1e-6 * unigram);
  }
});

test('the folder opens as a frozen model, which predicts as well as the network that was trained', async () => {
  const checkpoint = await openCheckpoint(at('whole'), { cacheFolder });
  assert.equal(checkpoint.config.maxPositions, 40);
  const { validation } = await wholeTexts();
  for (const { windows, language } of validation) {
    // each window as one candidate that follows its first id
    const sequences = windows.map((window) => ({
      context: window.subarray(0, 1),
      candidates: [window.subarray(1)],
      target: 0,
    }));
    const network = promptNetwork(checkpoint, {
      ...{ loss: 'vocabulary', trainable: NOTHING, sharedRows: 0, maxPositions: 33, threads: 1 },
    });
    const scores = await network.logits(new Float32Array(0), sequences);
    await network.release();
    const tokens = windows.reduce((sum, { length }) => sum + length - 1, 0);
    const found = -scores.reduce((sum, score) => sum + score, 0) / tokens;
    const expected = whole.history.at(-1)!.validation.find((loss) => loss.language === language)!.natsPerToken;
    assert.ok(Math.abs(found - expected) < 2e-3, `${found} instead of ${expected}`);
  }
});

const MOMENTS: Record<string, (event: PretrainingEvent) => boolean> = {
  'while reading': ({ event }) => event === 'reading',
  'while encoding': ({ event }) => event === 'encoding',
  'before the first step': ({ event }) => event === 'data',
  'in the middle of an epoch': (event) => event.event === 'step' && event.step === 57,
  'at a validation': (event) => event.event === 'validation' && event.step === 40,
};
for (const [name, when] of Object.entries(MOMENTS)) {
  test(`interrupted ${name}, a run goes on to the same bytes`, async () => {
    const out = name.replaceAll(' ', '-');
    const first = await interrupted(options(out), when);
    assert.equal(first.ended, 'interrupted');
    if (first.steps > 0) {
      assert.equal((await state(out)).step, first.steps);
      assert.ok(model(out).length > 0, 'the model so far can be used');
    }
    let firstStep: number | undefined;
    const onEvent = (event: PretrainingEvent) => {
      if (event.event === 'step') firstStep ??= event.step;
    };
    const again = name === 'while reading' ? pretrainModel(options(out), { onEvent }) : undefined;
    const result = await (again ?? resumePretraining(at(out), { onEvent }));
    assert.equal(firstStep, first.steps + 1, 'nothing is done twice');
    assert.deepEqual([result.ended, result.steps], ['finished', 120]);
    assert.deepEqual(result.history, whole.history);
    assert.deepEqual(model(out), model('whole'));
    assert.deepEqual(await state(out), await state('whole'));
    assert.equal(history(out), history('whole'));
  });
}

test('the same call on a finished run leaves it as it is; other options are refused, and change nothing', async () => {
  const before = [model('whole'), readFileSync(stateFile('whole'))];
  const again = await pretrainModel(options('whole', { threads: 2 }));
  assert.deepEqual([again.ended, again.steps], ['finished', 120]);
  await rejects(pretrainModel(options('whole', { learningRate: 0.02 })), 'RUN_UNFINISHED', /other options/);
  await rejects(pretrainModel(options('whole', { data: [`en=${at('en.txt')}`] })), 'RUN_UNFINISHED');
  assert.deepEqual([model('whole'), readFileSync(stateFile('whole'))], before);
});

test('--overwrite replaces a run, once: resumed, it goes on; a mistake in the data loses nothing', async () => {
  await pretrainModel(options('replaced', { ...SMALLER, seed: 3 }));
  const before = model('replaced');
  const bad = options('replaced', { ...SMALLER, data: [at('nothing.txt')], overwrite: true });
  await rejects(pretrainModel(bad), 'DATA_FILE_UNREADABLE');
  assert.deepEqual(model('replaced'), before);
  assert.equal((await pretrainModel(options('replaced', { ...SMALLER, seed: 3 }))).steps, 8);
  const replacing = options('replaced', { ...SMALLER, overwrite: true });
  const first = await interrupted(replacing, (event) => event.event === 'step' && event.step === 6);
  assert.equal(first.steps, 6);
  const steps: number[] = [];
  const onEvent = (event: PretrainingEvent) => event.event === 'step' && steps.push(event.step);
  await resumePretraining(at('replaced'), { onEvent });
  assert.deepEqual(steps, [7, 8]);
  assert.notDeepEqual(model('replaced'), before);
});

test('--init continues: its loss at once, its tokenizer, a lower loss at the end', async () => {
  const init = at('whole');
  const data = options('').data;
  const longer = { data, init, maxSteps: 20, evaluateEvery: 1, batchTokens: 256, learningRate: 0.002, validShare: 0.1 };
  const result = await pretrainModel({ ...longer, out: at('longer'), threads: 1 }, { cacheFolder });
  const loss = (line: PretrainingResult['history'][number]) => line.validation[0]!.natsPerToken;
  const before = loss(whole.history.at(-1)!);
  assert.ok(Math.abs(loss(result.history[0]!) - before) < 0.1, 'the first step starts from the weights');
  assert.ok(loss(result.history.at(-1)!) < before);
  assert.deepEqual(
    JSON.parse(readFileSync(at('longer', 'tokenizer.json'), 'utf8')),
    JSON.parse(readFileSync(at('whole', 'tokenizer.json'), 'utf8')),
  );
  await rejects(pretrainModel({ ...longer, out: init }, { cacheFolder }), 'TUNING_SETTING', /two folders/);
  await rejects(pretrainModel({ ...longer, out: at('x'), width: 64 }, { cacheFolder }), 'TUNING_SETTING', /width/);
  const qwen = pretrainModel({ ...longer, out: at('x'), init: 'test/fixtures/models/qwen2' }, { cacheFolder });
  await rejects(qwen, 'MODEL_UNSUPPORTED');
  assert.ok(!existsSync(at('x')));
});

test('what is given as tokenizer is used, by the library where it is of another kind', async () => {
  const tokenizer = 'test/fixtures/tokenizer/tiny-byte-level.json';
  const { vocabulary, ...rest } = options('given', SMALLER);
  const result = await pretrainModel({ ...rest, tokenizer });
  assert.equal(result.ended, 'finished');
  const found = await loadTokenizer(at('given', 'tokenizer.json'));
  const expected = await loadTokenizer(tokenizer);
  assert.deepEqual(found.encode('It was 很好.'), expected.encode('It was 很好.'));
});

test('texts that changed, damaged states and folders of others are refused', async () => {
  writeFileSync(at('mine.txt'), readFileSync(at('en.txt')));
  const run = options('changed', { ...SMALLER, data: [at('mine.txt')] });
  await interrupted(run, (event) => event.event === 'step' && event.step === 5);
  cpSync(at('changed'), at('damaged'), { recursive: true });
  writeFileSync(at('mine.txt'), `${readFileSync(at('en.txt'), 'utf8')}One more.\n`);
  await rejects(resumePretraining(at('changed')), 'RUN_DATA_CHANGED');
  writeFileSync(stateFile('damaged'), '{');
  await rejects(resumePretraining(at('damaged')), 'STATE_UNREADABLE');
  await rejects(resumePretraining(at('cache')), 'RUN_NOT_FOUND');
  rmSync(at('changed', 'training'), { recursive: true });
  await rejects(pretrainModel(run), 'RUN_UNFINISHED', /a model/);
  writeFileSync(at('one.txt'), 'A shop.\nWith one document.\n');
  await rejects(pretrainModel(options('one', { data: [at('one.txt')] })), 'DATA_EMPTY', /one document/);
  writeFileSync(at('short.txt'), 'A.\n\nB.\n');
  await rejects(pretrainModel(options('short', { data: [at('short.txt')] })), 'DATA_EMPTY', /one window/);
  await rejects(pretrainModel(options('blocked', { ...SMALLER, out: at('mine.txt') })), 'MODEL_UNWRITABLE');
});

test('the weights are stored as half floats, the embeddings once, as transformers reads them', async () => {
  const file = model('whole');
  const header = Number(file.readBigUInt64LE());
  const { __metadata__, ...tensors } = JSON.parse(file.subarray(8, 8 + header).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  assert.deepEqual(__metadata__, { format: 'pt' });
  assert.ok(Object.values(tensors).every(({ dtype }) => dtype === 'F16'));
  const { weights, config } = await openCheckpoint(at('whole'), { cacheFolder });
  assert.deepEqual(Object.keys(tensors).sort(), [...weights.keys()].sort());
  assert.deepEqual([config.tiedEmbeddings, tensors['lm_head.weight']], [true, undefined]);
  const numbers = Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  assert.deepEqual([numbers, 8 + header + 2 * numbers], [whole.parameters, file.length]);
  // converted back, they are the trained ones up to half precision
  const trained = readFileSync(stateFile('whole'));
  const trainedHeader = Number(trained.readBigUInt64LE());
  const places = JSON.parse(trained.subarray(8, 8 + trainedHeader).toString());
  for (const [name, { file: path, offset, byteLength }] of weights) {
    const bytes = await withOpenFile(path, (open) => readExactly(open, offset, byteLength));
    const [start] = places[`weights ${name}`].data_offsets;
    for (let i = 0; i < byteLength; i += 4) {
      const expected = trained.readFloatLE(8 + trainedHeader + start + i);
      const found = Buffer.from(bytes.buffer, bytes.byteOffset + i, 4).readFloatLE();
      assert.ok(Math.abs(found - expected) <= 2 ** -11 * Math.abs(expected) + 2 ** -25, `${name} ${i}`);
    }
  }
});
