/** A recommender whose encoder is a frozen model's first layers, from files to lists and back. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import {
  evaluateRecommender,
  fitRecommender,
  type OpenRecommender,
  openApproximate,
  openRecommender,
  type RecommendOptions,
  recommendBatch,
  recommendFor,
  resumeRecommender,
  similarItems,
} from '../../src/library/recommend.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { RING_ITEMS, writeWalks } from './ring-walks.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-frozen-'));
after(() => rm(folder, { recursive: true, force: true }));

const interactions = join(folder, 'walks.csv');
await writeWalks(interactions);

const model = join(folder, 'model');
await cp(TINY_MODEL, model, { recursive: true });
const options = (name: string, epochs = 40): RecommendOptions => ({
  interactions,
  model,
  out: join(folder, name),
  itemItem: false,
  threads: 1,
  network: {
    encoder: 'frozen',
    taskTokens: 4,
    layers: 1,
    width: 16,
    maxLength: 10,
    dropout: 0.1,
    batchSize: 16,
    epochs,
    patience: epochs,
    learningRate: 0.01,
  },
});
const lists = async (open: OpenRecommender) =>
  Promise.all(['u0', 'u1', 'u2'].map((user) => recommendFor(open, { user }, { k: 5 })));

test('the walk goes on, and the saved recommender says the same, wherever its model lies', async () => {
  const result = await fitRecommender(options('walks'));
  assert.ok(result.test!['ndcg@10']! > 0.7, `NDCG@10 ${result.test!['ndcg@10']}`);
  const out = join(folder, 'walks');
  const open = await openRecommender(out, { threads: 1 });
  assert.equal(open.match, 'same');
  assert.deepEqual(open.saved.encoderModel?.source, resolve(model));
  let right = 0;
  for (let start = 0; start < RING_ITEMS; start++) {
    const walk = Array.from({ length: 5 }, (_, step) => `i${(start + 5 * step) % RING_ITEMS}`);
    const [first] = await recommendFor(open, { history: walk.slice(0, 4) });
    if (first!.item === walk[4]) right++;
  }
  assert.ok(right > 18, `${right} of ${RING_ITEMS} walks go on rightly`);
  const explained = await recommendFor(open, { user: 'u3' }, { explain: true });
  assert.ok(explained[0]!.because!.length > 0);
  assert.equal((await similarItems(open, 'i4', { k: 3 })).length, 3);
  const search = await openApproximate(open, { threads: 1, recall: 0.9 });
  assert.ok(search.recall >= 0.9);
  await search.close();
  await recommendBatch(open, { out: join(folder, 'lists.jsonl'), k: 5 });
  const rows = (await readFile(join(folder, 'lists.jsonl'), 'utf8')).trim().split('\n');
  const ofFirst = (await lists(open))[0]!.map(({ item }) => item);
  assert.deepEqual(
    rows.slice(0, 5).map((row) => JSON.parse(row).item_id),
    ofFirst,
  );
  const before = await lists(open);
  await open.close();
  const evaluated = await evaluateRecommender(out, { threads: 1, against: [out] });
  assert.deepEqual(evaluated.test, result.test);
  assert.equal(evaluated.models[0]!.difference.difference, 0);

  const again = await openRecommender(out, { threads: 1, model: TINY_MODEL });
  assert.deepEqual(await lists(again), before);
  await again.close();
});

test('a model that is gone or of another width is noticed', async () => {
  await fitRecommender(options('gone', 1));
  const out = join(folder, 'gone');
  await assert.rejects(openRecommender(out, { model: 'test/fixtures/models/stories-nowhere' }));
  await assert.rejects(openRecommender(out, { model: 'embedded' }), { code: 'PROMPT_BASE_MODEL' });
  await rm(model, { recursive: true });
  await assert.rejects(openRecommender(out), ({ facts }) => /--model/.test(facts.fix));
  await cp(TINY_MODEL, model, { recursive: true });
});

test('an interrupted fit goes on and ends the same', async () => {
  const whole = await fitRecommender(options('whole', 4));
  const stop = new AbortController();
  let epochs = 0;
  const first = await fitRecommender(options('parts', 4), {
    signal: stop.signal,
    onEvent: ({ event }) => {
      if (event === 'epoch' && ++epochs === 2) stop.abort();
    },
  });
  assert.equal(first.ended, 'interrupted');
  await assert.rejects(
    openRecommender(join(folder, 'parts')),
    ({ code, facts }) => code === 'RECOMMENDER_INVALID' && /softprompt resume/.test(facts.fix),
  );
  const second = await resumeRecommender(join(folder, 'parts'));
  assert.equal(second.ended, 'finished');
  assert.deepEqual(second.test, whole.test);
  assert.deepEqual(second.valid, whole.valid);
});

test('a frozen encoder needs a language model', async () => {
  const { model: _, ...without } = options('refused');
  await assert.rejects(fitRecommender(without), { code: 'RECOMMEND_OPTION' });
});

test('the usual longest history gives way to the positions of the model', async () => {
  const short = join(folder, 'few-positions');
  await cp(TINY_MODEL, short, { recursive: true });
  const config = JSON.parse(await readFile(join(short, 'config.json'), 'utf8'));
  await writeFile(join(short, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 24 }));
  const { network, ...rest } = options('few', 1);
  const { maxLength, ...unsaid } = network!;
  const few = { ...rest, model: short, refit: false };
  assert.equal((await fitRecommender({ ...few, network: unsaid })).ended, 'finished');
  const open = await openRecommender(join(folder, 'few'), { threads: 1 });
  assert.equal(open.saved.recommender.network.shape.maxLength, 24 - 4 - 1);
  await open.close();
  await assert.rejects(
    fitRecommender({ ...few, out: join(folder, 'long'), network: { ...unsaid, maxLength: maxLength! * 2 } }),
    ({ code, facts }) => code === 'TUNING_SETTING' && /--max-history/.test(facts.expected),
  );
});

test('a model that sees whole texts at once cannot encode a history', async () => {
  const masked = { ...options('masked'), model: 'test/fixtures/models/bert' };
  await assert.rejects(
    fitRecommender(masked),
    ({ code, facts }) => code === 'TUNING_SETTING' && /left to right/.test(facts.expected),
  );
});
