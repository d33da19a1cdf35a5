import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SoftpromptError } from '../../src/errors.js';
import {
  fitRecommender,
  openRecommender,
  type RecommendOptions,
  recommendFor,
  resumeRecommender,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { RING_ITEMS, writeWalks } from './ring-walks.js';

const ITEMS = RING_ITEMS;
const folder = await mkdtemp(join(tmpdir(), 'softprompt-recommend-'));
after(() => rm(folder, { recursive: true, force: true }));

const interactions = join(folder, 'walks.csv');
await writeWalks(interactions);
const options = (name: string): RecommendOptions => ({
  interactions,
  out: join(folder, name),
  network: {
    width: 16,
    layers: 1,
    maxLength: 10,
    dropout: 0.1,
    batchSize: 16,
    epochs: 40,
    patience: 40,
    learningRate: 0.01,
  },
});

test('from a file to recommendations: the walk goes on', async () => {
  const result = await fitRecommender(options('walks'));
  assert.equal(result.ended, 'finished');
  assert.ok(result.test!['ndcg@10']! > 0.7, `NDCG@10 ${result.test!['ndcg@10']}`);
  assert.ok(result.test!['recall@5']! >= result.test!['ndcg@5']!);
  assert.match(result.protocol!, /leave-one-out/);

  const open = await openRecommender(join(folder, 'walks'));
  const next = async (history: string[]) => (await recommendFor(open, { history }, { k: 3 })).map(({ item }) => item);
  let right = 0;
  for (let start = 0; start < ITEMS; start++) {
    for (const stride of [1, 5]) {
      const walk = Array.from({ length: 7 }, (_, t) => `i${(start + t * stride) % ITEMS}`);
      const following = await next(walk.slice(0, 6));
      if (following[0] === walk[6]) right++;
    }
  }
  assert.ok(right >= 36, `${right} of 48 walks of new users go on rightly`);
  assert.equal((await next([])).length, 3);
  const explained = await recommendFor(open, { user: 'u0' }, { k: 2, explain: true });
  assert.ok(explained.every(({ because }) => because !== undefined));
  const seen = await recommendFor(open, { user: 'u0' }, { k: ITEMS });
  const all = await recommendFor(open, { user: 'u0' }, { k: ITEMS, includeSeen: true });
  assert.equal(all.length, ITEMS);
  assert.ok(seen.length < ITEMS);
  await assert.rejects(recommendFor(open, { user: 'nobody' }), { code: 'RECOMMEND_REQUEST' });
  await assert.rejects(recommendFor(open, { history: ['i3', 'x'] }), { code: 'RECOMMEND_REQUEST' });
  await open.close();
});

test('an interrupted fit goes on and ends the same', async () => {
  const whole = await fitRecommender(options('whole'));
  const stop = new AbortController();
  let epochs = 0;
  const first = await fitRecommender(options('parts'), {
    signal: stop.signal,
    onEvent: ({ event }) => {
      if (event === 'epoch' && ++epochs === 7) stop.abort();
    },
  });
  assert.equal(first.ended, 'interrupted');
  await assert.rejects(fitRecommender(options('parts')), { code: 'RUN_UNFINISHED' });
  const second = await resumeRecommender(join(folder, 'parts'));
  assert.equal(second.ended, 'finished');
  assert.deepEqual(second.test, whole.test);
  assert.deepEqual(second.valid, whole.valid);
});

test('what cannot work is refused with a reason', async () => {
  const refused = async (changes: Partial<RecommendOptions>, code: string) => {
    await assert.rejects(fitRecommender({ ...options('refused'), ...changes }), (error) => {
      assert.ok(error instanceof SoftpromptError);
      assert.equal(error.code, code);
      return true;
    });
  };
  await refused({ model: 'model' }, 'RECOMMEND_OPTION');
  await refused({ minRating: 3 }, 'RECOMMEND_DATA');
  await refused({ kCore: 1000 }, 'DATA_CORE_EMPTY');
  await refused({ out: join(folder, 'walks') }, 'PROMPT_FOLDER_EXISTS');
  const two = join(folder, 'two.csv');
  await writeFile(two, 'user_id,item_id,timestamp\na,x,1\na,y,2\nb,x,3\n');
  await refused({ interactions: two }, 'RECOMMEND_DATA');
  await assert.rejects(openRecommender(join(folder, 'nowhere')), { code: 'RECOMMENDER_INVALID' });
  await assert.rejects(resumeRecommender(join(folder, 'nowhere')), { code: 'RUN_NOT_FOUND' });
});

/** Items of two kinds, told apart by a word of their text; a user keeps to one kind. Nobody met the items `cold…`. */
async function writeKinds(): Promise<{ interactions: string; items: string }> {
  const random = new Random(2);
  const rows = ['user_id,item_id,timestamp'];
  for (let u = 0; u < 60; u++) {
    for (let t = 0; t < 8; t++) rows.push(`u${u},${u % 2 === 0 ? 'a' : 'b'}${random.integer(20)},${1000 + t}`);
  }
  const name = (i: number) => String.fromCharCode(97 + i, 97 + ((i * 7) % 20));
  const items = ['item_id,title'];
  for (let i = 0; i < 20; i++) items.push(`a${i},sunny ${name(i)}`, `b${i},MOODY ${name(i)}`);
  items.push('cold-a,sunny zq', 'cold-b,MOODY zq', 'silent,');
  const files = { interactions: join(folder, 'kinds.csv'), items: join(folder, 'kinds-items.csv') };
  await writeFile(files.interactions, `${rows.join('\n')}\n`);
  await writeFile(files.items, `${items.join('\n')}\n`);
  return files;
}

test('texts are read, the prompt is learned, and an item that nobody met is ranked by its text', async () => {
  const files = await writeKinds();
  const chosen: RecommendOptions = {
    ...files,
    out: join(folder, 'kinds'),
    model: TINY_MODEL,
    itemTemplate: '[soft:2] {title}',
    text: 'always',
    textWidth: 8,
    learnPrompt: true,
    itemItem: false,
    network: { width: 16, layers: 1, maxLength: 8, batchSize: 16, epochs: 12, patience: 12, learningRate: 0.01 },
  };
  const result = await fitRecommender(chosen);
  assert.equal(result.text, true);
  const open = await openRecommender(chosen.out);
  const { prompt, template } = open.saved.reading!;
  assert.equal(template, '[soft:2] {title}');
  const unlearned = await fitRecommender({ ...chosen, learnPrompt: false, out: join(folder, 'kinds-unlearned') });
  const start = (await openRecommender(unlearned.out)).saved.reading!.prompt;
  assert.equal(prompt.length, start.length);
  assert.ok(prompt.some((x, i) => Math.abs(x - start[i]!) > 1e-4));

  const score = async (history: string[]) => {
    const all = await recommendFor(open, { history }, { k: 100, includeSeen: true });
    return (item: string) => all.find((one) => one.item === item)!.score;
  };
  const ofA = await score(['a1', 'a5', 'a9', 'a3']);
  const ofB = await score(['b1', 'b5', 'b9', 'b3']);
  assert.ok(ofA('cold-a') > ofA('cold-b') && ofB('cold-b') > ofB('cold-a'));
  await open.close();
});
