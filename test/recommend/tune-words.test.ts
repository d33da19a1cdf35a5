import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fitRecommender } from '../../src/recommend/fit-recommender.js';
import type { LearnWordsOptions } from '../../src/recommend/titles/learn-words-options.js';
import { learnWordsPrompt, resumeWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { openTitleScorer } from '../../src/recommend/titles/open-title-scorer.js';
import { weighWords } from '../../src/recommend/titles/weigh-words.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { otherWeights, TINY_MODEL } from '../tasks/word-task.js';
import { KIND, letter, titlesThatFollow } from './titles-that-follow.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-tune-words-'));
after(() => rmSync(folder, { recursive: true }));
const options = titlesThatFollow(folder);

test('a prompt learns which titles come next, and ranks them', async () => {
  const result = await learnWordsPrompt(options('prompt'));
  assert.equal(result.ended, 'finished');
  // the best possible is about ln 3: of six candidates about half are of the right kind
  assert.ok(result.start!.loss > 2.2, `loss before ${result.start!.loss}`);
  assert.ok(result.valid!.loss < 1.6, `loss after ${result.valid!.loss}`);

  const learned = await openTitleScorer(undefined, { prompt: join(folder, 'prompt') });
  const titles = Array.from({ length: KIND }, (_, i) => [`o ${letter(i)}`, `x ${letter(i)}`]).flat();
  const found = async ({ scorer }: typeof learned) => {
    const { scores } = await scorer.score(['o c'], titles);
    const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, KIND);
    return best.filter((place) => titles[place]!.startsWith('x')).length;
  };
  const right = await found(learned);
  await learned.close();
  assert.ok(right >= 11, `${right} of the best ${KIND} are of the right kind`);

  const asked = await softprompt(
    ['recommend', 'words', '--prompt', join(folder, 'prompt'), '--items', join(folder, 'items.csv')].concat([
      '--history',
      'o2',
      '--k',
      '3',
      '--explain',
      '--json',
    ]),
  );
  assert.deepEqual([asked.code, asked.stderr], [0, '']);
  const { list } = jsonEvents(asked).at(-1) as unknown as {
    list: { item_id: string; parts: { learned?: number }[] }[];
  };
  for (const { item_id, parts } of list) {
    assert.match(item_id, /^x/);
    assert.deepEqual(
      parts.flatMap(({ learned: token }) => token ?? []),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
  }
  await assert.rejects(openPrompt(join(folder, 'prompt')), { code: 'PROMPT_TASK' });
});

test('what learning only makes worse is not kept: the prompt is the start', async () => {
  const result = await learnWordsPrompt({ ...options('worse'), learningRate: 1e6, maxSteps: 4 });
  assert.equal(result.bestStep, 0);
  assert.deepEqual(result.valid, result.start);
  const { learned, initial } = await readPrompt(join(folder, 'worse'));
  assert.deepEqual(learned.values, initial);
});

test('a learned prompt says of its model whether it is the one it was learned for, or where to look', async () => {
  const prompt = join(folder, 'prompt');
  const match = async (model: string | undefined) => {
    const open = await openTitleScorer(model, { prompt });
    await open.close();
    return open.learned!.match;
  };
  const other = otherWeights(join(folder, 'other-weights'));
  assert.deepEqual([await match(undefined), await match(other)], ['same', 'other-weights']);
  const items = ['--items', join(folder, 'items.csv'), '--history', 'o2', '--json'];
  const asked = await softprompt(['recommend', 'words', '--prompt', prompt, '--model', other, ...items]);
  assert.deepEqual([asked.code, asked.stderr], [0, '']);
  assert.match(String(jsonEvents(asked).find(({ event }) => event === 'note')!.text), /weights are not those/);

  const moved = join(folder, 'moved');
  cpSync(prompt, moved, { recursive: true });
  for (const name of ['softprompt.json', 'adapter_config.json']) {
    const path = join(moved, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(resolve(TINY_MODEL), '/gone/model'));
  }
  await assert.rejects(openTitleScorer(undefined, { prompt: moved }), {
    code: 'MODEL_SOURCE_UNKNOWN',
    message: /learned for the model '\/gone\/model'.*\(--model\)/s,
  });
  await assert.rejects(openTitleScorer(undefined, {}), { code: 'RECOMMEND_OPTION' });
});

test('an interrupted run goes on and ends the same', async () => {
  const stop = new AbortController();
  const parts = { ...options('parts'), maxSteps: 30 };
  const first = await learnWordsPrompt(parts, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.event === 'step' && event.step === 11) stop.abort();
    },
  });
  assert.deepEqual([first.ended, first.steps], ['interrupted', 11]);
  assert.ok(!existsSync(join(parts.out, 'softprompt.json')));
  await assert.rejects(learnWordsPrompt({ ...parts, maxSteps: 31 }), {
    code: 'RUN_UNFINISHED',
    message: /with other options/,
  });
  cpSync(parts.out, join(folder, 'resumed'), { recursive: true });
  cpSync(parts.out, join(folder, 'other-model'), { recursive: true });
  const second = await learnWordsPrompt(parts);
  const whole = await learnWordsPrompt({ ...options('whole'), maxSteps: 30 });
  assert.deepEqual({ ...second, out: '', seconds: 0 }, { ...whole, out: '', seconds: 0 });
  assert.ok(!existsSync(join(parts.out, 'training')), 'what a run needs to go on goes when it has ended');

  const resumed = await softprompt(['resume', 'resumed', '--json'], { cwd: folder });
  assert.deepEqual([resumed.code, resumed.stderr], [0, '']);
  assert.equal(jsonEvents(resumed).filter(({ event }) => event === 'step').length, 30 - 11);
  const adapter = (out: string) => readFileSync(join(folder, out, 'adapter_model.safetensors'));
  assert.deepEqual(adapter('resumed'), adapter('whole'));
  const again = await softprompt(['resume', 'resumed'], { cwd: folder });
  assert.match(again.stderr, /^RUN_NOT_FOUND: .*nothing to go on with/);

  const run = join(folder, 'other-model', 'training', 'words-run.json');
  writeFileSync(run, readFileSync(run, 'utf8').replace('"seed": 0', '"seed": 1'));
  await assert.rejects(resumeWordsPrompt(join(folder, 'other-model')), { code: 'RUN_DATA_CHANGED' });
});

test('a prompt that starts as other words is learned anew, though as many tokens stand in the same places', async () => {
  const learn = async (words: string) => {
    const steps: number[] = [];
    const out = { ...options('starts'), template: `[soft:"${words}"]{history} {label}.`, maxSteps: 2, overwrite: true };
    await learnWordsPrompt(out, { onEvent: (event) => event.event === 'step' && steps.push(event.step) });
    return { steps, prompt: await readPrompt(out.out) };
  };
  const first = await learn('abc');
  const second = await learn('xyz');
  assert.deepEqual(second.steps, [1, 2]);
  assert.equal(second.prompt.learned.tokens, first.prompt.learned.tokens);
  assert.notDeepEqual(second.prompt.initial, first.prompt.initial);
  assert.notDeepEqual(second.prompt.learned, first.prompt.learned);
});

test('a prompt learns to add to a recommender, and is weighed by people whom it has not seen', async () => {
  const recommender = join(folder, 'recommender');
  const network = { width: 8, layers: 1, maxLength: 4, batchSize: 16, epochs: 1 };
  const { interactions, items: file, ...how } = options('added');
  await fitRecommender({
    interactions: interactions!,
    items: file,
    out: recommender,
    itemItem: false,
    text: 'never',
    network,
  });
  const result = await learnWordsPrompt({ ...how, recommender, negatives: 15 });
  assert.ok(result.valid!.loss < result.start!.loss - 0.3, `loss ${result.start!.loss} before, ${result.valid!.loss}`);
  assert.equal((await readPrompt(how.out)).tuning.residual, true);

  const weighed = await weighWords(recommender, {
    prompt: how.out,
    wordsModel: TINY_MODEL,
    validUsers: 80,
    rerankTop: 24,
  });
  assert.equal(weighed.validation.users, 40, 'half of the users judge');
  assert.equal(weighed.maxLength, (await readPrompt(how.out)).tuning.maxLength, 'titles are cut as they were learned');
  assert.ok(weighed.validation.kept && weighed.weight > 0, JSON.stringify(weighed));
  await assert.rejects(learnWordsPrompt({ ...options('twice'), recommender }), { code: 'RECOMMEND_OPTION' });
  await assert.rejects(learnWordsPrompt({ ...how, out: join(folder, 'none') }), {
    code: 'RECOMMEND_OPTION',
    message: /no interactions to learn from/,
  });
});

test('what cannot be learned is refused', async () => {
  const refused = (changes: Partial<LearnWordsOptions>, code: string) =>
    assert.rejects(learnWordsPrompt({ ...options('refused'), ...changes }), { code });
  await refused({ template: '{history} {label}.' }, 'NOTHING_TO_LEARN');
  await refused({ template: '[soft:8]{label}.' }, 'TEMPLATE_INVALID');
  await refused({ negatives: 500 }, 'RECOMMEND_DATA');
  for (const name of ['maxHistory', 'maxLength', 'negatives', 'perUser', 'validUsers']) {
    await refused({ [name]: 0 }, 'RECOMMEND_OPTION');
  }
  await refused({ batchSize: 0 }, 'TUNING_SETTING');
  await refused({ out: join(folder, 'prompt') }, 'PROMPT_FOLDER_EXISTS');
  await refused({ out: join(folder, 'rows.csv', 'below-a-file') }, 'PROMPT_FOLDER_UNWRITABLE');
});
