import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { takeLock } from '../../src/files/file-lock.js';
import {
  evaluateRecommender,
  type FitEvent,
  type FitResult,
  fitRecommender,
  type RecommendOptions,
} from '../../src/library/recommend.js';
import { writeStyles } from '../tasks/style-task.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-evaluate-'));
after(() => rm(folder, { recursive: true }));
const files = await writeStyles(folder);
const at = (name: string) => join(folder, name);
const network = { width: 8, layers: 1, maxLength: 8, batchSize: 16, epochs: 6, patience: 6, learningRate: 0.01 };
const options: RecommendOptions = { interactions: files.interactions, out: at('ids'), network, threads: 1 };
const THREADS = { threads: 1 };
let fitted: FitResult;
before(async () => {
  fitted = await fitRecommender({ ...options, baselines: true, keepTraining: true });
  await fitRecommender({
    ...options,
    items: files.items,
    out: at('text'),
    model: TINY_MODEL,
    itemTemplate: '{title}',
    text: 'always',
    textWidth: 4,
  });
});

/** NDCG@10 of popularity, leave-one-out, from the file alone; ties count as misses. */
async function popularityNdcg(): Promise<number> {
  const rows = (await readFile(files.interactions, 'utf8')).trim().split('\n').slice(1);
  const histories = new Map<string, string[]>();
  for (const row of new Set(rows)) {
    const [user, item] = row.split(',') as [string, string, string];
    histories.set(user, [...(histories.get(user) ?? []), item]);
  }
  const held = [...histories.values()].filter(({ length }) => length >= 3);
  const counts = new Map<string, number>();
  for (const history of histories.values()) {
    const training = history.length >= 3 ? history.slice(0, -2) : history;
    for (const item of training) counts.set(item, (counts.get(item) ?? 0) + 1);
    for (const item of history) counts.set(item, counts.get(item) ?? 0);
  }
  const gains = held.map((history) => {
    const target = history.at(-1)!;
    const seen = new Set(history.slice(0, -1));
    const rank = [...counts].filter(
      ([item, count]) => (item === target || !seen.has(item)) && count >= counts.get(target)!,
    ).length;
    return rank <= 10 ? 1 / Math.log2(rank + 1) : 0;
  });
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}

test('fit --baselines: where nothing is more recent than the rest, recent popularity is left out with a note', async () => {
  const rows = (await readFile(files.interactions, 'utf8')).trim().split('\n');
  const atOnce = rows.map((row, line) => (line === 0 ? row : row.replace(/[^,]*$/, '1000')));
  await writeFile(at('at-once.csv'), atOnce.join('\n'));
  const notes: string[] = [];
  const { baselines } = await fitRecommender(
    { ...options, interactions: at('at-once.csv'), out: at('at-once'), itemItem: false, baselines: true },
    { onEvent: (event) => event.event === 'note' && notes.push(event.text) },
  );
  assert.deepEqual(
    baselines!.map(({ name }) => name),
    ['popularity', 'ItemKNN', 'EASE', 'iALS', 'BPR-MF', 'GRU4Rec', 'BERT4Rec', 'SASRec on ids'],
  );
  assert.ok(notes.includes('no recent popularity: all training interactions have the same time'), notes.join());
});

test('fit --baselines: tuned baselines with the same protocol, and how the recommender differs', async () => {
  const names = fitted.baselines!.map(({ name }) => name);
  assert.deepEqual(names, [
    ...['popularity', 'recent popularity', 'ItemKNN', 'EASE', 'iALS'],
    ...['BPR-MF', 'GRU4Rec', 'BERT4Rec', 'SASRec on ids'],
  ]);
  const [popularity, , knn] = fitted.baselines!;
  assert.ok(Math.abs(popularity!.test['ndcg@10']! - (await popularityNdcg())) < 1e-12);
  assert.ok(knn!.trials! >= 12);
  assert.ok(knn!.test['ndcg@10']! > popularity!.test['ndcg@10']!, 'neighbours know the style');
  for (const { test, difference, name } of fitted.baselines!) {
    const apart = fitted.test!['ndcg@10']! - test['ndcg@10']!;
    assert.ok(Math.abs(difference.difference - apart) < 1e-12, name);
    assert.ok(difference.interval[0] <= apart && apart <= difference.interval[1]);
    assert.ok(difference.pValue > 0 && difference.pValue <= 1);
  }
  assert.deepEqual(fitted.baselines!.at(-1)!.test, fitted.networkAlone, 'the network is SASRec on ids');
});

test('evaluate repeats the figures of the fit, and trains nothing that it trained', async () => {
  const events: FitEvent[] = [];
  const result = await evaluateRecommender(
    options.out,
    { ...THREADS, baselines: true },
    { onEvent: (event) => events.push(event) },
  );
  assert.equal(result.ended, 'finished');
  assert.deepEqual(result.test, fitted.test);
  assert.deepEqual(result.valid, fitted.valid);
  assert.deepEqual(result.intervals, fitted.intervals);
  assert.deepEqual(
    result.models.map(({ test }) => test),
    fitted.baselines!.map(({ test }) => test),
  );
  assert.ok(events.every(({ event }) => event !== 'epoch'));
  for (const figure of ['recall@10', 'map@10', 'hit@5', 'mrr@20', 'ndcg@10']) {
    assert.ok(result.testWithSeen[figure]! <= result.test[figure]!, figure);
  }
  assert.ok(result.lists.coverage > 0 && result.lists.coverage <= 1);
  assert.ok(result.lists.diversity! > 0 && result.lists.diversity! < 2);
  assert.ok(result.models[0]!.lists.gini > result.lists.gini, 'popularity recommends the same few to all');
  const groups = Object.values(result.userGroups).filter((group) => group !== null);
  assert.equal(
    groups.reduce((sum, { users }) => sum + users, 0),
    60,
  );
});

test('baselines are trained by one process alone', async () => {
  const release = await takeLock(join(options.out, '.softprompt-lock'), () => new Error('taken'));
  try {
    await assert.rejects(evaluateRecommender(options.out, { ...THREADS, baselines: true }), { code: 'RUN_IN_USE' });
    assert.equal((await evaluateRecommender(options.out, THREADS)).ended, 'finished');
  } finally {
    await release();
  }
});

test('runs, qrels and figures of users are written: whoever reads them finds the figures again', async () => {
  const lines = async (name: string) => (await readFile(at(name), 'utf8')).trim().split('\n');
  const asked = { runFile: at('run.trec'), qrels: at('qrels.trec'), perUser: at('users.csv'), runDepth: 20 };
  const { test: figures, files: written } = await evaluateRecommender(at('ids'), { ...THREADS, ...asked });
  assert.deepEqual(written, [asked.runFile, asked.qrels, asked.perUser]);
  const sought = new Map((await lines('qrels.trec')).map((line) => [line.split(' ')[0], line.split(' ')[2]]));
  const run = (await lines('run.trec')).map((line) => line.split(' '));
  let gain = 0;
  for (const [user, item] of sought) {
    const own = run.filter(([of]) => of === user);
    assert.ok(own.length > 0 && own.length <= 20);
    own.forEach(([, zero, , rank, score], i) => {
      assert.deepEqual([zero, rank], ['Q0', `${i + 1}`]);
      assert.ok(i === 0 || Number(score) <= Number(own[i - 1]![4]));
    });
    const place = own.findIndex(([, , of]) => of === item);
    if (place !== -1 && place < 10) gain += 1 / Math.log2(place + 2);
  }
  assert.ok(Math.abs(gain / sought.size - figures['ndcg@10']!) < 1e-9);
  const [head, ...users] = (await lines('users.csv')).map((line) => line.split(','));
  const mean = (name: string) => users.reduce((sum, row) => sum + Number(row[head!.indexOf(name)]), 0) / users.length;
  for (const name of ['ndcg@10', 'recall@5', 'mrr@20']) assert.ok(Math.abs(mean(name) - figures[name]!) < 1e-9, name);

  await assert.rejects(evaluateRecommender(at('ids'), { ...THREADS, ...asked }), { code: 'DATA_OUTPUT_EXISTS' });
  const json = { runFile: at('run.json'), qrels: at('qrels.json') };
  await evaluateRecommender(at('ids'), { ...THREADS, ...json });
  const [asJson, relevant] = [await readFile(json.runFile, 'utf8'), await readFile(json.qrels, 'utf8')].map((text) =>
    JSON.parse(text),
  );
  assert.deepEqual(new Map(Object.entries<object>(relevant).map(([user, of]) => [user, Object.keys(of)[0]])), sought);
  assert.deepEqual(Object.keys(asJson).sort(), [...sought.keys()].sort());
  await assert.rejects(evaluateRecommender(at('ids'), { perUser: at('users.txt') }), { code: 'DATA_FORMAT_UNKNOWN' });
});

test('two recommenders side by side, though one knows more items', async () => {
  const [ids, text] = [await evaluateRecommender(at('ids'), THREADS), await evaluateRecommender(at('text'), THREADS)];
  const both = await evaluateRecommender(at('ids'), { ...THREADS, against: [at('text')] });
  assert.deepEqual(both.models[0]!.test, text.test);
  const difference = ids.test['ndcg@10']! - text.test['ndcg@10']!;
  assert.ok(Math.abs(both.models[0]!.difference.difference - difference) < 1e-12);
  const same = await evaluateRecommender(at('text'), { ...THREADS, against: [at('text')] });
  assert.deepEqual(same.models[0]!.difference.interval, [0, 0]);
  assert.equal(same.models[0]!.difference.pValue, 1);
});

test('other data, another split, a file that moved', async () => {
  const byTime = { ...options, split: 'time', out: at('time') } as const;
  await fitRecommender(byTime);
  await assert.rejects(evaluateRecommender(at('ids'), { ...THREADS, against: [at('time')] }), {
    code: 'EVALUATION_SHAPE',
  });
  const moved = at('moved.csv');
  await cp(files.interactions, moved);
  const content = await readFile(files.interactions, 'utf8');
  await writeFile(files.interactions, content.replace('u3,b', 'u3,c'));
  await assert.rejects(evaluateRecommender(at('ids'), THREADS), { code: 'RUN_DATA_CHANGED' });
  const found = await evaluateRecommender(at('ids'), { ...THREADS, interactions: moved });
  assert.deepEqual(found.test, fitted.test);
  await rename(moved, files.interactions);
});

test('interrupted while a baseline is trained, it goes on', async () => {
  const stop = new AbortController();
  const first = await evaluateRecommender(
    at('text'),
    { ...THREADS, baselines: true },
    { signal: stop.signal, onEvent: (event) => event.event === 'epoch' && event.epoch === 2 && stop.abort() },
  );
  assert.deepEqual([first.ended, first.models], ['interrupted', []]);
  const epochs: number[] = [];
  const second = await evaluateRecommender(
    at('text'),
    { ...THREADS, baselines: true },
    { onEvent: (event) => event.event === 'epoch' && event.network === 'BPR-MF' && epochs.push(event.epoch) },
  );
  assert.deepEqual(epochs, [3, 4, 5, 6]);
  assert.equal(second.models.length, 10, 'EASE with texts among them');
});
