import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fitRecommender } from '../../src/recommend/fit-recommender.js';
import { readWords } from '../../src/recommend/folder/words-file.js';
import { learnWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { openTitleScorer } from '../../src/recommend/titles/open-title-scorer.js';
import { weighWords } from '../../src/recommend/titles/weigh-words.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { KIND, letter, titlesThatFollow } from './titles-that-follow.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-tune-questions-'));
after(() => rmSync(folder, { recursive: true }));
const follow = titlesThatFollow(folder);
const options = (out: string) => {
  const { negatives: _, ...given } = follow(out);
  return { ...given, form: 'yes-no', template: '[soft:8]{history} {label}?' } as const;
};

test('a prompt learns of which titles yes is the answer', async () => {
  const result = await learnWordsPrompt(options('prompt'));
  assert.equal(result.ended, 'finished');
  // one of four comes next, and half of the others are of its kind: at best about .47 nats
  assert.ok(result.start!.loss > 0.65, `loss before ${result.start!.loss}`);
  assert.ok(result.valid!.loss < 0.55, `loss after ${result.valid!.loss}`);
  assert.ok(result.bestStep! > 0);

  const { scorer, close } = await openTitleScorer(undefined, { prompt: join(folder, 'prompt') });
  assert.equal(scorer.form, 'yes-no', 'titles are asked about as it was learned');
  const titles = Array.from({ length: KIND }, (_, i) => [`o ${letter(i)}`, `x ${letter(i)}`]).flat();
  const { scores } = await scorer.score(['o c'], titles);
  await close();
  const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, KIND);
  const right = best.filter((place) => titles[place]!.startsWith('x')).length;
  assert.ok(right >= 11, `${right} of the best ${KIND} are of the right kind`);

  const words = ['recommend', 'words', '--prompt', join(folder, 'prompt'), '--items', join(folder, 'items.csv')];
  const asked = await softprompt([...words, '--history', 'o2', '--k', '3', '--json']);
  assert.deepEqual([asked.code, asked.stderr], [0, '']);
  const { list } = jsonEvents(asked).at(-1) as unknown as { list: { item_id: string }[] };
  for (const { item_id } of list) assert.match(item_id, /^x/);
});

test('questions add to a recommender, and are weighed by people whom the prompt has not seen', async () => {
  const recommender = join(folder, 'recommender');
  const { interactions, items, ...how } = options('added');
  const network = { width: 8, layers: 1, maxLength: 4, batchSize: 16, epochs: 1 };
  await fitRecommender({
    interactions: interactions!,
    items,
    out: recommender,
    itemItem: false,
    text: 'never',
    network,
  });
  const result = await learnWordsPrompt({ ...how, recommender, negatives: 7 });
  assert.ok(result.valid!.loss < result.start!.loss - 0.05, `${result.start!.loss} before, ${result.valid!.loss}`);
  const { tuning } = await readPrompt(how.out);
  assert.deepEqual([tuning.form, tuning.residual], ['yes-no', true]);

  const weighed = await weighWords(recommender, {
    ...{ prompt: how.out, wordsModel: TINY_MODEL, validUsers: 80, rerankTop: 24 },
  });
  assert.equal(weighed.validation.users, 40, 'half of the users judge');
  assert.ok(weighed.validation.kept && weighed.weight > 0, JSON.stringify(weighed));
  assert.equal((await readWords(recommender))!.form, 'yes-no');
});

test('a template that asks nothing is refused where questions are learned', async () => {
  await assert.rejects(learnWordsPrompt({ ...options('none'), template: '[soft:8]{history} {label}' }), {
    code: 'TEMPLATE_INVALID',
    message: /No question behind/,
  });
});
