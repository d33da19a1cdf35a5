/** Prompts found by label scores alone: that they are found, kept, gone on with, and that a model elsewhere answers as one here. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logProbabilities } from '../../src/evaluation/label-scores.js';
import { loadModel } from '../../src/network/load-model.js';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { localScorer } from '../../src/tasks/prompt-search/local-scorer.js';
import { type Algorithm, type SearchOptions, searchPlan } from '../../src/tasks/prompt-search/search-options.js';
import { resumeSearch, searchPrompt } from '../../src/tasks/prompt-search/search-prompt.js';
import { soughtWords } from '../../src/tasks/prompt-search/sought-words.js';
import type { TaskData } from '../../src/tasks/task-data.js';
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

test('words behind the texts, whose rows are computed once for all candidates, score as each alone does', async () => {
  const labels = { '0': 'x', '1': 'two o' };
  const plan = searchPlan(options('shared', 'grips', { template: '{text} [soft:5] so{label}', labels }));
  const model = await loadModel(TINY_MODEL);
  const example = (text: string) => ({ id: text, fields: { text }, label: '0' });
  const train = ['once upon a time there was a cat', 'no', 'the cat sat'].map(example);
  const data: TaskData = { train, valid: train, test: undefined, notes: [] };
  const scorer = localScorer(model, data, soughtWords(plan.template, labels), plan, undefined, undefined);
  const candidates = ['', 'is it', 'is it good or bad', 'once more'].map((words) => ({ words }));
  const together = await scorer.score(candidates, 'train');
  for (const [i, candidate] of candidates.entries()) {
    const [alone] = await scorer.score([candidate], 'train');
    // one logit a label up to a constant of the example
    const shares = [alone!, together[i]!].map((scores) => logProbabilities(scores));
    for (const [n, share] of shares[1]!.entries()) assert.ok(Math.abs(share - shares[0]![n]!) < 1e-4, `${i} ${n}`);
  }
  await scorer.release();
});

const words: Partial<SearchOptions> = { template: 'is it x{text} so{label}' };

for (const algorithm of ['grips', 'reinforce', 'bbt'] as const) {
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
    if (algorithm !== 'bbt') assert.ok(result.template!.includes(result.words!));

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
