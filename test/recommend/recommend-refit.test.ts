/** A recommender learns once more from everything before it serves; its figures stay those of the network that did not. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  evaluateRecommender,
  type FitEvent,
  type FitResult,
  fitRecommender,
  openRecommender,
  type RecommendOptions,
  recommendFor,
  resumeRecommender,
  weighWords,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { requireHeldOut } from '../../src/recommend/require-held-out.js';
import { type JsonEvent, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-refit-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
const ITEMS = 12;

/** Everyone walks through items on a ring, and ends at `finale`, which training therefore never meets. */
const random = new Random(7);
const rows = ['user_id,item_id,timestamp'];
for (let u = 0; u < 40; u++) {
  const [start, length] = [random.integer(ITEMS), 5 + random.integer(4)];
  for (let t = 0; t < length; t++) rows.push(`u${u},i${(start + t) % ITEMS},${1000 + t}`);
  rows.push(`u${u},finale,2000`);
}
const interactions = at('walks.csv');
await writeFile(interactions, `${rows.join('\n')}\n`);
const titles = Array.from({ length: ITEMS }, (_, i) => `i${i},word ${String.fromCharCode(97 + i)}`);
const items = at('items.csv');
await writeFile(items, ['item_id,title', ...titles, 'finale,the end', 'unmet,another end', ''].join('\n'));
await writeFile(
  at('people.csv'),
  ['user_id,kind', ...Array.from({ length: 40 }, (_, u) => `u${u},${'ab'[u % 2]}`), ''].join('\n'),
);

const options = (name: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...{ interactions, items, out: at(name), threads: 1 },
  network: { width: 8, layers: 1, maxLength: 8, batchSize: 8, epochs: 12, patience: 12, learningRate: 0.02 },
  ...changes,
});
const serving = (name: string) => readFile(at(name, 'serving.safetensors'));
let [fitted, plain]: FitResult[] = [];
before(async () => {
  fitted = await fitRecommender(options('whole'));
  plain = await fitRecommender(options('plain', { refit: false }));
});

test('what everyone did last is learned, served, and told', async () => {
  assert.equal(plain!.refit, null);
  assert.equal(fitted!.refit!.interactions, rows.length - 1);
  assert.equal(fitted!.refit!.epochs, fitted!.bestEpoch);
  const lists = async (name: string, network: 'serving' | 'held-out') => {
    const open = await openRecommender(at(name), { threads: 1, network });
    const list = await recommendFor(open, { history: ['i3', 'i4', 'i5', 'i6', 'i7', 'i8'] }, { k: ITEMS + 1 });
    await open.close();
    const counted = open.saved.recommender.network.popularity.reduce((sum, count) => sum + count, 0);
    return { list: list.map(({ item }) => item), counted, learnedFrom: open.saved.learnedFrom };
  };
  const served = await lists('whole', 'serving');
  assert.deepEqual([served.learnedFrom, served.counted], ['everything', rows.length - 1]);
  assert.ok(served.list.slice(0, 3).includes('finale'), served.list.join());
  const heldOut = await lists('whole', 'held-out');
  assert.deepEqual([heldOut.learnedFrom, heldOut.counted], ['training', rows.length - 1 - 2 * 40]);
  assert.ok(!heldOut.list.includes('finale'));
  assert.deepEqual(await lists('plain', 'serving'), heldOut);
});

test('the figures are those of the network that never saw what validates and tests', async () => {
  assert.deepEqual([fitted!.test, fitted!.valid, fitted!.intervals], [plain!.test, plain!.valid, plain!.intervals]);
  const notes: string[] = [];
  const onEvent = (event: FitEvent) => event.event === 'note' && notes.push(event.text);
  const {
    seconds: _,
    peakRssMib: __,
    folder: ___,
    ...refitted
  } = await evaluateRecommender(at('whole'), { threads: 1, against: [at('plain')] }, { onEvent });
  assert.ok(notes.some((note) => /never saw.*serving uses one that has learned from all/.test(note)));
  const { test, valid, lists, models } = await evaluateRecommender(at('plain'), { threads: 1, against: [at('whole')] });
  assert.deepEqual([refitted.test, refitted.valid, refitted.lists], [test, valid, lists]);
  for (const other of [...models, ...refitted.models]) assert.deepEqual(other.test, test);
  const weights = await Promise.all(
    ['whole', 'plain'].map((name) => weighWords(at(name), { wordsModel: TINY_MODEL, validUsers: 6, rerankTop: 6 })),
  );
  assert.deepEqual(weights[0]!.validation, weights[1]!.validation);
});

test('whoever measures with the network that serves is refused', async () => {
  const open = await openRecommender(at('whole'), { threads: 1 });
  assert.throws(() => requireHeldOut(open.saved, at('whole'), 'Lists are measured'), {
    code: 'RECOMMENDER_REFITTED',
    message: /network: 'held-out'/,
  });
  await open.close();
});

test('interrupted while it learns from everything, it goes on and ends with the same bytes, and a seed repeats', async () => {
  const stop = new AbortController();
  const stopAt = (event: FitEvent) => event.event === 'refit' && event.epoch === 1 && stop.abort();
  const first = await fitRecommender(options('stopped'), { signal: stop.signal, onEvent: stopAt });
  assert.equal(first.ended, 'interrupted');
  const epochs: FitEvent[] = [];
  const onEvent = (event: FitEvent) => (event.event === 'refit' || event.event === 'epoch') && epochs.push(event);
  const { ended, test } = await resumeRecommender(at('stopped'), { onEvent });
  assert.deepEqual([ended, test], ['finished', fitted!.test]);
  assert.deepEqual(
    epochs.map((event) => event.event === 'refit' && event.epoch),
    Array.from({ length: fitted!.bestEpoch! - 1 }, (_, i) => i + 2),
    'nothing is trained twice',
  );
  assert.deepEqual(await serving('stopped'), await serving('whole'));
});

test('kill -9 while it learns from everything: resumed, it ends with the same bytes', async () => {
  const network = ['--width', '8', '--encoder-layers', '1', '--max-history', '8', '--batch-size', '8', '--lr', '0.02'];
  const flags = ['--interactions', interactions, '--items', items, '--epochs', '12', '--patience', '12', ...network];
  const killed = await softprompt(['recommend', 'fit', ...flags, '--threads', '1', '--out', at('killed'), '--json'], {
    onLine: (line, child) => {
      const event = JSON.parse(line) as JsonEvent;
      if (event.event === 'refit' && event.epoch === 2) child.kill('SIGKILL');
    },
  });
  assert.equal(killed.signal, 'SIGKILL', killed.stderr);
  const resumed = await softprompt(['resume', at('killed')]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /The one that serves has learned from all \d+ interactions, for the \d+ epochs/);
  assert.deepEqual(await serving('killed'), await serving('whole'));
});

test('with texts behind a learned prompt, users and a frozen encoder, it is the same', async () => {
  const texts = { model: TINY_MODEL, itemTemplate: '[soft:2] {title}', textWidth: 4, text: 'always' } as const;
  const { network } = options('');
  const ways: Record<string, Partial<RecommendOptions>> = {
    learned: { ...texts, learnPrompt: true, users: at('people.csv'), userVectors: true, userTokens: 'always' },
    never: { ...texts, text: 'never' },
    frozen: { ...texts, network: { ...network, encoder: 'frozen', taskTokens: 2, epochs: 2 } },
  };
  for (const [name, changes] of Object.entries(ways)) {
    const { refit, test } = await fitRecommender(options(name, changes));
    assert.equal(refit!.interactions, rows.length - 1, name);
    assert.deepEqual((await evaluateRecommender(at(name), { threads: 1 })).test, test, name);
    const [all, some] = await Promise.all(
      (['serving', 'held-out'] as const).map((network) => openRecommender(at(name), { threads: 1, network })),
    );
    const list = async (open: typeof all) => recommendFor(open!, { user: 'u1' }, { k: ITEMS + 2 });
    assert.notDeepEqual(await list(all), await list(some), name);
    const byText = (await list(all)).some(({ item }) => item === 'unmet');
    assert.equal(byText, name !== 'never', 'an item that nobody met is known by its text');
    if (name === 'learned') {
      assert.deepEqual(all!.saved.reading!.prompt, some!.saved.reading!.prompt, 'both read the texts alike');
      assert.ok(all!.saved.recommender.network.users!.shares![1]! > some!.saved.recommender.network.users!.shares![1]!);
    }
    await Promise.all([all!.close(), some!.close()]);
  }
});

test('a network file in the place of the other is refused', async () => {
  await fitRecommender(options('swapped'));
  await copyFile(at('swapped', 'serving.safetensors'), at('swapped', 'network.safetensors'));
  await assert.rejects(evaluateRecommender(at('swapped')), { code: 'RECOMMENDER_INVALID' });
});
