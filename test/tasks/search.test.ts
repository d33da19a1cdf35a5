/** Prompts found by label scores alone: that they are found, kept, gone on with, and that a model elsewhere answers as one here. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logProbabilities } from '../../src/evaluation/label-scores.js';
import { loadModel } from '../../src/network/load-model.js';
import { Random } from '../../src/random.js';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { localScorer } from '../../src/tasks/prompt-search/local-scorer.js';
import type { Candidate } from '../../src/tasks/prompt-search/prompt-scores.js';
import { type Algorithm, type SearchOptions, searchPlan } from '../../src/tasks/prompt-search/search-options.js';
import { resumeSearch, searchPrompt } from '../../src/tasks/prompt-search/search-prompt.js';
import { soughtWords } from '../../src/tasks/prompt-search/sought-words.js';
import type { TaskData } from '../../src/tasks/task-data.js';
import { textTask } from '../../src/tasks/text-task.js';
import { scoringServer } from './scoring-server.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

function options(out: string, algorithm: Algorithm, more: Partial<SearchOptions> = {}): SearchOptions {
  const { train, valid, test } = wordTask(folder, out);
  return {
    ...{ model: TINY_MODEL, template: '{text} so{label}', labels: { '0': 'x', '1': 'o' }, train, valid, test },
    ...{ algorithm, maxCalls: 24, shots: 16, out: join(folder, out), threads: 1 },
    ...more,
  };
}

/** How far scores of candidates together are from those of each alone: up to a constant of an example, which shares leave out. */
async function farFromAlone(asked: Partial<SearchOptions>, candidates: readonly Candidate[]): Promise<number> {
  const labels = { '0': 'x', '1': 'two o' };
  const plan = searchPlan(options('shared', 'grips', { ...asked, labels }));
  const model = await loadModel(TINY_MODEL);
  const example = (text: string) => ({ id: text, fields: { text }, label: '0' });
  const train = ['once upon a time there was a cat', 'no', 'the cat sat'].map(example);
  const data: TaskData = { train, valid: train, test: undefined, notes: [] };
  const isLearned = candidates.some((one) => 'numbers' in one);
  const learned = isLearned ? textTask(model, { ...plan, loss: 'labels', answering: true }) : undefined;
  const scorer = localScorer(model, data, soughtWords(plan.template, labels), plan, learned, undefined);
  const together = await scorer.score(candidates, 'train');
  let most = 0;
  for (const [i, candidate] of candidates.entries()) {
    const [alone] = await scorer.score([candidate], 'train');
    const [one, other] = [alone!, together[i]!].map(logProbabilities);
    for (const [n, share] of one!.entries()) most = Math.max(most, Math.abs(share - other![n]!));
  }
  await scorer.release();
  return most;
}

test('candidates behind the texts, whose rows are computed once for all, score as each alone does', async () => {
  const template = '{text} [soft:5] so{label}';
  const words = ['', 'is it', 'is it good or bad', 'once more'].map((text) => ({ words: text }));
  assert.ok((await farFromAlone({ template }, words)) < 1e-4);
  const random = new Random(0);
  const { hiddenSize } = (await loadModel(TINY_MODEL)).checkpoint.config;
  const numbers = [1, 2, 3].map(() => ({
    numbers: Float32Array.from({ length: 5 * hiddenSize }, () => random.normal()),
  }));
  assert.ok((await farFromAlone({ template }, numbers)) < 1e-4);
  assert.ok((await farFromAlone({ template: '[soft:5]{text} so{label}' }, numbers)) < 1e-4);
});

const words: Partial<SearchOptions> = { template: 'is it x{text} so{label}' };

for (const algorithm of ['grips', 'examples', 'reinforce', 'bbt'] as const) {
  test(`${algorithm}: finds something better, answers from its folder as it did, the same with the same seed`, async () => {
    const asked = options(algorithm, algorithm, words);
    const events: string[] = [];
    const result = await searchPrompt(asked, { onEvent: ({ event }) => events.push(event) });
    assert.equal(result.ended, 'finished');
    assert.equal(result.calls, 24);
    assert.equal(events.filter((event) => event === 'call').length, 24);
    assert.ok(result.found!.valid.accuracy >= result.start!.valid.accuracy, JSON.stringify(result));
    assert.ok(!existsSync(join(asked.out, 'training')));
    const record = JSON.parse(readFileSync(join(asked.out, 'search.json'), 'utf8'));
    assert.deepEqual([record.template, record.calls], [result.template, 24]);
    const prompt = await openPrompt(asked.out);
    const { accuracy } = await evaluatePrompt(prompt, { data: asked.test! });
    await prompt.close();
    assert.equal(accuracy, result.found!.test!.accuracy);
    assert.equal(prompt.saved.learned.method, algorithm === 'bbt' ? 'soft' : 'written');
    if (algorithm !== 'bbt') assert.ok(result.template!.replaceAll('\\n', '\n').includes(result.words!));

    // interrupted in the middle, it ends with the same
    const stopped = options(`${algorithm}-stopped`, algorithm, words);
    const stop = new AbortController();
    const first = await searchPrompt(stopped, {
      signal: stop.signal,
      onEvent: (event) => event.event === 'call' && event.call === 11 && stop.abort(),
    });
    assert.equal(first.ended, 'interrupted');
    const again = await resumeSearch(stopped.out);
    assert.deepEqual(
      [again.template, again.found!.trainLoss, again.found!.test],
      [result.template, result.found!.trainLoss, result.found!.test],
    );
  });
}

test('evolution in a subspace learns what the written prompt answers by chance; so does it layer by layer', async () => {
  const asked = options('learned', 'bbt', { maxCalls: 300, tokens: 6, shots: 40, subspace: 10, reach: 10 });
  const { start, found } = await searchPrompt(asked);
  assert.ok(start!.test!.accuracy < 0.65, `${start!.test!.accuracy} before`);
  assert.ok(found!.test!.accuracy > 0.7, `${found!.test!.accuracy} found`);
  const deep = await searchPrompt({ ...asked, out: join(folder, 'deep'), deep: true, maxCalls: 60 });
  assert.ok(deep.found!.trainLoss < deep.start!.trainLoss, JSON.stringify(deep.found));
});

test('a model behind an OpenAI-compatible address gives what the same model gives here', async () => {
  const server = await scoringServer(TINY_MODEL);
  try {
    const few = { ...words, maxCalls: 6, shots: 4, valid: undefined, test: undefined };
    const here = await searchPrompt(options('here', 'grips', few));
    for (const way of ['echo', 'next'] as const) {
      server.way = way;
      const there = await searchPrompt(
        options(`there-${way}`, 'grips', { ...few, remoteEndpoint: server.url, remoteModel: 'tiny' }),
      );
      assert.equal(there.template, here.template);
      assert.ok(Math.abs(there.found!.trainLoss - here.found!.trainLoss) < 1e-4);
      assert.ok(there.requests! >= 6 * 8, `${there.requests}`);
      assert.ok(!existsSync(join(folder, `there-${way}`, 'softprompt.json')));
    }
    // without a model here there are fewer edits, and it still goes
    const alone = options('alone', 'grips', { ...few, model: undefined, remoteEndpoint: server.url, remoteModel: 'x' });
    assert.equal((await searchPrompt(alone)).calls, 6);
    server.way = 'none';
    await assert.rejects(
      searchPrompt(options('silent', 'grips', { ...few, remoteEndpoint: server.url, remoteModel: 'tiny' })),
      { code: 'ENDPOINT_ANSWER' },
    );
  } finally {
    await server.close();
  }
});

test('instructions are written by the model itself', async () => {
  const result = await searchPrompt(options('ape', 'ape', { ...words, maxCalls: 8, population: 4, shots: 4 }));
  assert.equal(result.ended, 'finished');
  assert.ok(result.calls > 1, `${result.calls}`);
  assert.ok(result.found!.valid.accuracy >= result.start!.valid.accuracy);
});

test('what cannot be sought is refused', async () => {
  const refused = (more: Partial<SearchOptions>, message: RegExp, algorithm: Algorithm = 'grips') =>
    assert.rejects(async () => searchPrompt(options('refused', algorithm, more)), { message });
  await refused({ model: undefined }, /--model, or --endpoint/);
  await refused({ remoteEndpoint: 'http://localhost:1' }, /--remote-model/);
  await refused({ remoteEndpoint: 'http://localhost:1', remoteModel: 'x' }, /soft prompt cannot be sent/, 'bbt');
  await refused({ template: '[soft:2]{text}[soft:2]{label}' }, /at most one/);
});
