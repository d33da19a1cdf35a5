import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { SoftpromptError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import { fitRecommender } from '../../src/recommend/fit-recommender.js';
import { readWords } from '../../src/recommend/folder/words-file.js';
import { openRecommender, recommendFor } from '../../src/recommend/open-recommender.js';
import { learnWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { openTitleScorer } from '../../src/recommend/titles/open-title-scorer.js';
import { rerankRecommendations } from '../../src/recommend/titles/rerank-recommendations.js';
import { weighWords } from '../../src/recommend/titles/weigh-words.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { otherWeights, TINY_MODEL } from '../tasks/word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-rerank-'));
after(() => rmSync(folder, { recursive: true }));
const random = new Random(3);
const ITEMS = 16;
const rows = ['user_id,item_id,timestamp'];
for (let u = 0; u < 30; u++) {
  for (let t = 0; t < 5; t++) rows.push(`u${u},i${(2 * u + t + random.integer(2)) % ITEMS},${t}`);
}
const interactions = join(folder, 'rows.csv');
const items = join(folder, 'items.csv');
writeFileSync(interactions, `${rows.join('\n')}\n`);
// item 5 has no title
const titles = Array.from({ length: ITEMS }, (_, i) => (i === 5 ? '' : `film ${String.fromCharCode(97 + i)}`));
writeFileSync(items, `item_id,title\n${titles.map((title, i) => `i${i},${title}\n`).join('')}`);
const out = join(folder, 'walks');
const network = { width: 8, layers: 1, maxLength: 5, batchSize: 16, epochs: 3, patience: 3 };
await fitRecommender({ interactions, items, out, itemItem: false, network });
const open = await openRecommender(out);
after(() => open.close());
const titleScorer = await openTitleScorer(TINY_MODEL);
after(() => titleScorer.close());
const request = { history: ['i1', 'i2', 'i3'] };

test('the best are ranked anew by the weighted sum of both scores', async () => {
  const best = await recommendFor(open, request, { k: 8 });
  const again = (weight: number, k = 8) =>
    rerankRecommendations(open, titleScorer.scorer, request, best, { weight, k, explain: weight === 0.5 });
  const order = (list: readonly { readonly item: string }[]) => list.map(({ item }) => item);
  assert.deepEqual(order(await again(0)), order(best));
  const mixed = await again(0.5, 5);
  assert.equal(mixed.length, 5);
  for (const [i, { score, ownScore, words, item }] of mixed.entries()) {
    assert.ok(Math.abs(score - (ownScore + 0.5 * words.score)) < 1e-9);
    assert.ok(i === 0 || score <= mixed[i - 1]!.score);
    assert.equal(words.because === undefined, item === 'i5');
  }
  const byWords = await again(1e6);
  const wordsAlone = await titleScorer.scorer.score(
    request.history.map((id) => titles[Number(id.slice(1))]!),
    byWords.filter(({ item }) => item !== 'i5').map(({ item }) => titles[Number(item.slice(1))]!),
  );
  const sorted = [...wordsAlone.scores].sort((a, b) => b - a);
  assert.deepEqual([...wordsAlone.scores], sorted);
});

test('asked with yes or no, a title counts by how much likelier yes is than no behind the question', async () => {
  const asks = await openTitleScorer(TINY_MODEL, { form: 'yes-no', maxLength: 120 });
  const { scorer } = asks;
  const asked = titles.filter((title) => title !== '').slice(0, 5);
  const { logLikelihoods, context } = await scorer.score(['film a', 'film b'], asked);
  const likelihoods = async (word: string) => {
    const answer = scorer.tokenizer.encodeWritten(word, true).ids;
    const candidates = asked.map((title) => Int32Array.from([...scorer.encodeTitle(title), ...answer]));
    const none = new Float32Array(0);
    return scorer.network.logLikelihoods(none, [{ context: context.ids, candidates, target: undefined }]);
  };
  const [yes, no] = [await likelihoods(' yes'), await likelihoods(' no')];
  for (const [i, odds] of logLikelihoods.entries()) assert.ok(Math.abs(odds - (yes[i]! - no[i]!)) < 1e-4);
  await asks.close();
});

test('a weight that cannot be written is refused with a remedy', async () => {
  mkdirSync(join(out, 'words.json'));
  try {
    await assert.rejects(weighWords(out, { wordsModel: resolve(TINY_MODEL), validUsers: 1, rerankTop: 2 }), {
      code: 'PROMPT_FOLDER_UNWRITABLE',
    });
  } finally {
    rmSync(join(out, 'words.json'), { recursive: true });
  }
});

test('nobody asked, and nothing ranked anew, are refused', async () => {
  for (const none of [{ validUsers: 0 }, { rerankTop: 0 }, { validUsers: 1.5 }]) {
    await assert.rejects(weighWords(out, { wordsModel: resolve(TINY_MODEL), ...none }), { code: 'RECOMMEND_OPTION' });
  }
  assert.equal(await readWords(out), undefined);
  const best = await recommendFor(open, request, { k: 4 });
  await assert.rejects(rerankRecommendations(open, titleScorer.scorer, request, best, { weight: 1, maxHistory: 0 }), {
    code: 'RECOMMEND_OPTION',
    message: /maxHistory is 0/,
  });
  const asked = ['recommend', 'for', out, '--history', 'i1', '--rerank', 'words', '--words-model', TINY_MODEL];
  const ended = await softprompt([...asked, '--rerank-weight', '1', '--rerank-top', '0']);
  assert.match(ended.stderr, /option '--rerank-top <n>' argument '0' is invalid\. Expected a whole number from 1/);
});

test('a weight is chosen on the data of the fit alone', async () => {
  writeFileSync(interactions, `${rows.slice(0, -5).join('\n')}\n`);
  try {
    await assert.rejects(weighWords(out, { wordsModel: resolve(TINY_MODEL), validUsers: 1, rerankTop: 2 }), {
      code: 'RUN_DATA_CHANGED',
      message: /Restore the files, or fit again/,
    });
  } finally {
    writeFileSync(interactions, `${rows.join('\n')}\n`);
  }
});

test('without a weight it is refused; validation chooses one, which is then used', async () => {
  const ask = () =>
    softprompt(['recommend', 'for', out, '--history', 'i1,i2,i3', '--rerank', 'words', '--k', '3', '--json']);
  const before = await ask();
  assert.equal(before.code, 1);
  assert.match(before.stderr, /FLAG_MISSING.*weigh-words/);

  const asked = await weighWords(out, {
    ...{ wordsModel: resolve(TINY_MODEL), validUsers: 6, rerankTop: 4, form: 'yes-no' },
  });
  assert.equal(asked.form, 'yes-no');
  assert.equal(asked.maxLength, titleScorer.scorer.maxLength);
  assert.match(asked.template, /\{label\}\?/);
  assert.equal((await readWords(out))!.form, 'yes-no');

  const given = { ...{ wordsModel: resolve(TINY_MODEL), validUsers: 12, rerankTop: 8 }, scoring: { prior: 0.3 } };
  assert.equal((await weighWords(out, given)).scoring.prior, 0.3, 'what is given is not learned');
  const record = await weighWords(out, { wordsModel: resolve(TINY_MODEL), validUsers: 12, rerankTop: 8 });
  assert.equal(record.validation.users, 12);
  const { ndcg, gain, standardError, kept } = record.validation;
  assert.equal(kept, gain! > standardError!);
  assert.equal(record.weight, kept ? ndcg[1]!.weight : 0);
  assert.ok(Math.abs(ndcg[1]!['ndcg@10'] - ndcg[0]!['ndcg@10'] - gain!) < 1e-12);
  const { recommender, ...written } = JSON.parse(readFileSync(join(out, 'words.json'), 'utf8'));
  assert.deepEqual(written, { formatVersion: 1, ...record });
  writeFileSync(join(out, 'words.json'), JSON.stringify({ ...written, recommender: recommender.replace(/./g, '0') }));
  await assert.rejects(readWords(out), { code: 'PROMPT_FILE_INVALID', message: /for another recommender/ });
  writeFileSync(join(out, 'words.json'), JSON.stringify(written));
  assert.deepEqual(await readWords(out), record, 'older versions do not say for which');
  const repeated = await weighWords(out, { wordsModel: resolve(TINY_MODEL), validUsers: 12, rerankTop: 8 });
  assert.deepEqual(repeated, record);

  const after = await ask();
  assert.deepEqual([after.code, after.stderr], [0, '']);
  const { list: recommendations } = jsonEvents(after).at(-1) as unknown as {
    list: { item_id: string; score: number; own_score: number; words: { score: number } }[];
  };
  assert.equal(recommendations.length, 3);
  for (const { score, own_score, words } of recommendations) {
    assert.ok(Math.abs(score - (own_score + record.weight * words.score)) < 1e-9);
  }
});

test('what is ranked anew obeys conditions and lists; a diverse list is made of the mixture', async () => {
  const ask = async (...more: string[]) => {
    const history = ['--history', 'i1,gone,i2,i3', '--skip-unknown', '--k', '6'];
    const filters = ['--where', "title <> 'film e'", '--deny', 'i6'];
    const words = ['--rerank', 'words', '--words-model', TINY_MODEL, '--rerank-weight', '0.5'];
    const ended = await softprompt(['recommend', 'for', out, ...history, ...filters, ...words, ...more, '--json']);
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    return jsonEvents(ended).at(-1) as unknown as { list: { item_id: string }[]; notes: string[] };
  };
  const { list: best, notes } = await ask();
  assert.equal(best.length, 6);
  assert.ok(best.every(({ item_id }) => !['i1', 'i2', 'i3', 'i4', 'i6'].includes(item_id)));
  assert.deepEqual(notes, ['1 of 4 items of the history are not known: gone']);
  const { list: diverse } = await ask('--diversity', '0.9');
  assert.equal(diverse[0]!.item_id, best[0]!.item_id);
  assert.notDeepEqual(
    diverse.map(({ item_id }) => item_id),
    best.map(({ item_id }) => item_id),
  );
});

test('an interrupted weighing says so, and changes nothing', async () => {
  const before = await readWords(out);
  const stopped = await softprompt(
    ['recommend', 'weigh-words', out, '--words-model', TINY_MODEL, '--valid-users', '30', '--json'],
    { onLine: (line, child) => line.includes('asking validation users') && child.kill('SIGINT') },
  );
  assert.deepEqual([stopped.code, stopped.stderr], [130, '']);
  assert.equal(jsonEvents(stopped).at(-1)!.ended, 'interrupted');
  assert.deepEqual(await readWords(out), before);
});

test('a history without titles cannot be ranked by words', async () => {
  const best = await recommendFor(open, { history: ['i5'] }, { k: 4 });
  await assert.rejects(
    rerankRecommendations(open, titleScorer.scorer, { history: ['i5'] }, best, { weight: 1 }),
    (error) => error instanceof SoftpromptError && error.code === 'RECOMMEND_REQUEST',
  );
});

test('a learned prompt on other weights is noted when a weight is chosen, and when it is used', async () => {
  const prompt = join(folder, 'prompt');
  await learnWordsPrompt({ model: TINY_MODEL, interactions, items, out: prompt, negatives: 3, maxSteps: 1 });
  const model = otherWeights(join(folder, 'other-weights'));
  const notes: string[] = [];
  await weighWords(out, { wordsModel: model, prompt, validUsers: 1, rerankTop: 2, onNote: (text) => notes.push(text) });
  assert.match(notes.join('\n'), /^the model's weights are not those that the prompt was learned for/);
  const ended = await softprompt(['recommend', 'for', out, '--history', 'i1', '--rerank', 'words', '--json']);
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  assert.deepEqual(
    jsonEvents(ended).flatMap(({ event, text }) => (event === 'note' ? [text] : [])),
    notes,
  );
});

test('a recommender that is fitted anew forgets the weight of the one before', async () => {
  assert.notEqual(await readWords(out), undefined);
  await fitRecommender({ interactions, items, out, itemItem: false, network, overwrite: true });
  assert.notEqual(await readWords(out), undefined, 'the same once more');
  await fitRecommender({ interactions, items, out, itemItem: false, network, seed: 1, overwrite: true });
  assert.equal(await readWords(out), undefined);
});
