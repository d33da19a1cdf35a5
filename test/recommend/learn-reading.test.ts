/** Readings that are learned by contrast: what is learned, what is kept, and what cannot be learned from. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequences } from '../../src/data/interactions/interaction-splits.js';
import { loadModel } from '../../src/network/load-model.js';
import { Random } from '../../src/random.js';
import { RECOMMEND_DEFAULTS } from '../../src/recommend/fit-options.js';
import { openItemReader, type ReadingOptions } from '../../src/recommend/item-reader.js';
import { drawHeldOutItems, neighbourNdcg } from '../../src/recommend/reading/held-out-items.js';
import {
  type LearnReadingFit,
  type LearnReadingSettings,
  learnReading,
} from '../../src/recommend/reading/learn-reading.js';
import type { NetworkState } from '../../src/training/train-network.js';

const MODEL = 'test/fixtures/peft/model';
const BERT = 'test/fixtures/models/bert';
/** Words that both models know. */
const KINDS = ['good', 'story', 'about', 'wrong'];
const EACH = 40;

/** Four kinds of items, told apart by one word of five; a user keeps to a kind. */
function kinds(seed = 2, title = (kind: number, name: string) => `${name} ${KINDS[kind]} ${name}`) {
  const random = new Random(seed);
  const histories = Array.from({ length: 300 }, (_, user) =>
    Array.from({ length: 8 }, () => (user % KINDS.length) * EACH + random.integer(EACH)),
  );
  const name = () => String.fromCharCode(97 + random.integer(26), 97 + random.integer(26));
  const titles = KINDS.flatMap((_, kind) => Array.from({ length: EACH }, () => title(kind, name())));
  return { train: sequences(histories), titles };
}

function sequences(histories: readonly (readonly number[])[]): Sequences {
  const offsets = new Int32Array(histories.length + 1);
  for (const [user, history] of histories.entries()) offsets[user + 1] = offsets[user]! + history.length;
  return { offsets, items: Int32Array.from(histories.flat()), times: undefined, ratings: undefined };
}

async function learn(
  model: string,
  { train, titles }: { readonly train: Sequences; readonly titles: readonly string[] },
  options: Partial<ReadingOptions>,
  changes: Partial<LearnReadingSettings> = {},
  fit: LearnReadingFit = {},
) {
  const ids = titles.map((_, item) => `i${item}`);
  const table = { ids, columns: new Map([['title', titles]]) };
  const met = new Uint8Array(ids.length);
  for (const item of train.items) met[item] = 1;
  const chosen = { ...RECOMMEND_DEFAULTS, learnPrompt: true, layers: 2, textWidth: 8, threads: 1, ...options };
  const reader = await openItemReader(await loadModel(model), table, ids, met, chosen);
  const settings = {
    ...RECOMMEND_DEFAULTS.reading,
    seed: 0,
    updates: 60,
    evaluateEvery: 20,
    items: 32,
    learningRate: 3,
    ...changes,
  };
  try {
    return {
      reader,
      outcome: await learnReading(reader.catalogue, reader, { train, met }, settings, { threads: 1, ...fit }),
    };
  } finally {
    await reader.release();
  }
}

for (const method of ['soft', 'prefix'] as const) {
  test(`${method}: items that were held out are found better by their neighbours, and that is the prompt's doing`, async () => {
    const { outcome, reader } = await learn(MODEL, kinds(), { method, itemTemplate: '[soft:4] {title}' });
    const { before, best, standardError } = outcome.judged!;
    assert.ok(best > before + 3 * standardError, `${before} → ${best} (${standardError})`);
    const { learned, whitening } = outcome.reading!;
    assert.ok(learned.some((x, i) => Math.abs(x - reader.learned[i]!) > reader.catalogue.rate));
    assert.equal(whitening.width, reader.whitening.width);
    const written = await learn(MODEL, kinds(), { method, itemTemplate: '{title}' });
    assert.equal(written.reader.learned.length, 0);
    const projection = written.outcome.judged!;
    assert.ok(best > projection.best + 0.05, `${best} beside ${projection.best} of a learned projection alone`);
  });
}

test('a masked model learns to read, too', async () => {
  const { outcome } = await learn(
    BERT,
    kinds(),
    { itemTemplate: '[soft:2]{title}' },
    { updates: 20, evaluateEvery: 10 },
  );
  const { before, best } = outcome.judged!;
  assert.ok(before > 0 && best > 0);
});

test('learning goes on bit for bit where it was interrupted', async () => {
  const task = kinds();
  const options = { itemTemplate: '[soft:2] {title}' };
  const settings = { updates: 16, evaluateEvery: 4, items: 16 };
  const whole: NetworkState[] = [];
  const keep = (states: NetworkState[]) => async (state: NetworkState) => {
    states.push(structuredClone(state));
  };
  await learn(MODEL, task, options, settings, { save: keep(whole) });
  const parts: NetworkState[] = [];
  const stop = new AbortController();
  const onUpdate = (step: number) => step === 6 && stop.abort();
  const first = await learn(MODEL, task, options, settings, { save: keep(parts), signal: stop.signal, onUpdate });
  assert.equal(first.outcome.ended, 'interrupted');
  assert.equal(parts.at(-1)!.step, 6);
  await learn(MODEL, task, options, settings, { save: keep(parts), state: parts.at(-1) });
  const [expected, found] = [whole.at(-1)!, parts.at(-1)!];
  assert.deepEqual(found.weights, expected.weights);
  assert.deepEqual(
    found.history.map(({ validation }) => validation),
    expected.history.map(({ validation }) => validation),
  );
});

test('nothing is learned from items that are held out, and all that judging needs is read', () => {
  const { train } = kinds();
  const wanted = new Uint8Array(KINDS.length * EACH).fill(1);
  wanted[3] = 0;
  const held = drawHeldOutItems(train, wanted, new Random(1));
  const count = held.isHeldOut.reduce((sum, one) => sum + one, 0);
  assert.equal(count, 15);
  assert.equal(held.isHeldOut[3], 0);
  for (const { item, before } of held.cases) {
    assert.equal(held.isHeldOut[item], 1);
    assert.ok(before.length >= 1 && before.length <= 3 && !before.includes(3) && !before.includes(item));
    for (const one of [item, ...before]) assert.ok(held.needed.includes(one));
  }
  // features that tell the kind alone: the held-out items of the kind tie, against the model
  const features = Float32Array.from(held.needed, (item) => item).reduce(
    (all, item, row) => {
      all[row * KINDS.length + Math.floor(item / EACH)] = 1;
      return all;
    },
    new Float32Array(held.needed.length * KINDS.length),
  );
  const found = neighbourNdcg(held, features, KINDS.length);
  held.cases.forEach(({ item, before }, i) => {
    const alike = [...held.isHeldOut.keys()].filter(
      (other) =>
        held.isHeldOut[other] === 1 &&
        Math.floor(other / EACH) === Math.floor(item / EACH) &&
        (other === item || !before.includes(other)),
    );
    assert.ok(Math.abs(found[i]! - 1 / Math.log2(alike.length + 1)) < 1e-12);
  });
});

test('what cannot be learned from stays as it was, and says why', async () => {
  const { train, titles } = kinds();
  const options = { itemTemplate: '[soft:2] {title}' };
  const quick = { updates: 4, evaluateEvery: 2, items: 8 };
  const strangers = { train: sequences(titles.map((_, item) => [item])), titles };
  assert.equal(
    (await learn(MODEL, strangers, options, quick)).outcome.judged,
    undefined,
    'no item stands beside another',
  );
  const alike = await learn(MODEL, { train, titles: titles.map(() => 'the same') }, options, quick);
  assert.equal(alike.outcome.reading, undefined, 'all texts are equal');
  assert.ok(Number.isFinite(alike.outcome.judged!.best));
  const silent = await learn(
    MODEL,
    { train, titles: titles.map((title, item) => (item % 2 ? '' : title)) },
    options,
    quick,
  );
  assert.equal(silent.reader.known.length, titles.length / 2, 'items without text are not read');
  assert.ok(silent.outcome.judged !== undefined);
  const long = titles.map((title) => `${title} ${'long '.repeat(2000)}`);
  const { reader } = await learn(MODEL, { train, titles: long }, options, quick);
  assert.ok(
    reader.catalogue.texts.every((text) => text!.context.length <= 64),
    'a long text is cut',
  );
});

test('tokens of a prefix stand in front alone', async () => {
  await assert.rejects(learn(MODEL, kinds(), { method: 'prefix', itemTemplate: '{title} [soft:2]' }), {
    code: 'TEMPLATE_INVALID',
  });
});
