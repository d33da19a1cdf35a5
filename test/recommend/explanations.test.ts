/** Explanations, from reviews to a served sentence: what is said follows the item, how it is said follows the user. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ExplanationOptions } from '../../src/recommend/explanations/explanation-options.js';
import { inspectExplanations } from '../../src/recommend/explanations/inspect-explanations.js';
import { type OpenExplanations, openExplanations } from '../../src/recommend/explanations/open-explanations.js';
import {
  type ExplanationResult,
  resumeExplanations,
  tuneExplanations,
} from '../../src/recommend/explanations/tune-explanations.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';

import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { randomRecommender } from './random-recommender.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-explanations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const FEATURES = ['price', 'sound', 'strap'] as const;
/** Half of the people are pleased, the others are not. */
const sentence = (user: number, item: number) => `The ${FEATURES[item % 3]} is ${user % 2 === 0 ? 'good' : 'bad'}.`;
const [USERS, ITEMS] = [12, 9];
const rows = Array.from({ length: USERS }, (_, user) =>
  Array.from({ length: ITEMS }, (_, item) => ({
    ...{ user_id: `u${user}`, item_id: `i${item}`, rating: user % 2 === 0 ? 5 : 2 },
    review: `${sentence(user, item)} I bought it last week.`,
    feature: FEATURES[item % 3],
  })),
).flat();
const held = (i: number) => i % 7 === 3;
const train = rows.filter((_, i) => !held(i));
const valid = rows.filter((_, i) => held(i));
const OPTIONS = {
  ...{ model: 'embedded', train, valid, test: valid, threads: 1, seed: 0, maxNewTokens: 8 },
  ...{ maxSteps: 90, batchSize: 12, learningRate: 0.02, evaluateEvery: 30 },
  template: '[soft:4][user:vector][user:stats][item:vector] They say: {target}',
} satisfies Omit<ExplanationOptions, 'out'>;

describe('explanations', () => {
  let result: ExplanationResult;
  let open: OpenExplanations;
  const out = join(folder, 'learned');
  before(async () => {
    result = await tuneExplanations({ ...OPTIONS, out });
    open = await openExplanations(out, { threads: 1 });
  });
  after(() => open.close());

  it('are learned: what is said is right, of whom and of what', () => {
    const { test, baselines, ablations } = result;
    assert.ok(test!.perplexity! < 0.2 * baselines!.written_prompt!.perplexity!, JSON.stringify(result));
    assert.ok(test!.rougeL! > 0.9 && test!.rougeL! > baselines!.written_prompt!.rougeL!, `${test!.rougeL}`);
    assert.ok(test!.fmr! > 0.8 && test!.fcr === 1, `${test!.fmr} ${test!.fcr}`);
    for (const name of ['without_user', 'without_item'])
      assert.ok(ablations![name]!.perplexity! > 1.1 * test!.perplexity!, name);
    assert.ok(test!.usr! > 0 && test!.div! >= 0);
    assert.ok(baselines!.item_sentence!.fmr! > 0.9);
  });

  it('are served as they were measured', async () => {
    const again = await open.evaluate(valid, { threads: 1 });
    assert.ok(Math.abs(again.perplexity! - result.test!.perplexity!) < 1e-3);
    assert.equal(again.rougeL, result.test!.rougeL);
    const items = FEATURES.map((_, i) => `i${i}`);
    const given = await open.explain({ user: 'u2', items });
    assert.deepEqual(
      given.map(({ item }) => item),
      items,
    );
    const right = given.filter(({ text }, i) => text === sentence(2, i)).length;
    assert.ok(right >= 2, JSON.stringify(given));
    const [alone] = await open.explain({ user: 'u2', items: ['i1'] });
    assert.deepEqual(alone, given[1]);
  });

  it('are there for somebody new, and refused for what nobody knows', async () => {
    const [one] = await open.explain({ history: ['i0', 'i3'], items: ['i1'] });
    assert.match(one!.text, /sound/);
    await assert.rejects(open.explain({ user: 'nobody', items: ['i1'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(open.explain({ user: 'u1', items: ['none'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(open.explain({ items: ['i1'] }), { code: 'RECOMMEND_REQUEST' });
    const { rows: made } = await inspectExplanations(open, { user: 'u1', items: ['i1'] });
    assert.deepEqual(
      made.map(({ source }) => source),
      ['user:vector', 'user:stats', 'item:vector'],
    );
  });

  it('answer on the command line, alone and with recommendations', async () => {
    const asked = ['recommend', 'explain', out, '--user', 'u2', '--candidates', 'i0,i1', '--threads', '1', '--json'];
    const told = jsonEvents(await softprompt(asked)).at(-1)! as unknown as {
      explanations: { item_id: string; text: string }[];
    };
    const given = await open.explain({ user: 'u2', items: ['i0', 'i1'] });
    assert.deepEqual(
      told.explanations,
      given.map(({ item, text }) => ({ item_id: item, text })),
    );
    const recommender = join(folder, 'recommender');
    await writeRecommender(
      recommender,
      randomRecommender({ items: ITEMS, users: 2, width: 4, historyLength: 2, maxLength: 4 }),
    );
    const listed = await softprompt([
      ...['recommend', 'for', recommender, '--history', 'i0', '--k', '2', '--explain', out, '--threads', '1', '--json'],
    ]);
    const { list } = jsonEvents(listed).at(-1)! as unknown as { list: { item_id: string; explanation?: string }[] };
    assert.equal(list.length, 2);
    for (const { explanation } of list) assert.match(explanation!, /^The/);
    const refused = async (...flags: string[]) =>
      assert.match((await softprompt(['tune', '--model', 'embedded', '--out', 'x', ...flags])).stderr, /FLAG_CONFLICT/);
    await refused('--task', 'explain', '--train', 'x.csv', '--shots', '4');
    await refused('--train', 'x.csv', '--user-column', 'who');
  });

  it('say so where the folder is damaged, or is there already', async () => {
    await assert.rejects(tuneExplanations({ ...OPTIONS, out }), { code: 'PROMPT_FOLDER_EXISTS' });
    const path = join(out, 'explanations.json');
    const kept = readFileSync(path, 'utf8');
    writeFileSync(path, kept.replace('[user:stats]', ''));
    await assert.rejects(openExplanations(out), { code: 'RECOMMENDER_INVALID' });
    writeFileSync(path, kept);
    await assert.rejects(openExplanations(folder), { code: 'RECOMMENDER_INVALID' });
  });
});

describe('learning explanations', () => {
  const small = { ...OPTIONS, maxSteps: 8, batchSize: 4, evaluateEvery: 4, measureTexts: 4, baselines: false };

  it('goes on where it was interrupted, and comes to the same', async () => {
    const whole = await tuneExplanations({ ...small, out: join(folder, 'whole') });
    const stop = new AbortController();
    const ended = await tuneExplanations(
      { ...small, out: join(folder, 'parts') },
      { signal: stop.signal, onEvent: ({ event }) => event === 'validation' && stop.abort(new Error('stop')) },
    );
    assert.equal(ended.ended, 'interrupted');
    const rest = await resumeExplanations(join(folder, 'parts'));
    assert.equal(rest.test!.perplexity, whole.test!.perplexity);
  });

  it('reads sentences, columns of items and other methods', async () => {
    const items = join(folder, 'items.csv');
    writeFileSync(
      items,
      ['item_id,title', ...Array.from({ length: ITEMS }, (_, i) => `i${i},Thing ${i}`), 'new,New'].join('\n'),
    );
    const lora = {
      ...{
        ...small,
        items,
        method: 'lora' as const,
        template: 'Of {title}, {features}[user:text][item:text]: {target}',
      },
      out: join(folder, 'lora'),
    } as const;
    const { test } = await tuneExplanations(lora);
    const open = await openExplanations(lora.out, { threads: 1 });
    const again = await open.evaluate(valid, { measureTexts: 4 });
    assert.ok(Math.abs(again.perplexity! - test!.perplexity!) < 1e-3, `${again.perplexity} ${test!.perplexity}`);
    assert.equal((await open.explain({ history: ['i1'], items: ['new'] })).length, 1);
    await open.close();
    const prefix = await tuneExplanations({
      ...{ ...small, method: 'prefix', template: '[soft:2][item:text] Say: {target}', out: join(folder, 'prefix') },
    });
    assert.ok(prefix.test!.perplexity! > 1);
  });

  it('refuses what teaches nothing', async () => {
    const refused = (options: Partial<ExplanationOptions>, code: string) =>
      assert.rejects(tuneExplanations({ ...small, ...options, out: join(folder, 'refused') }), { code });
    await refused({ template: 'They say: {target}' }, 'NOTHING_TO_LEARN');
    await refused({ template: '[soft:2][user:attributes] {target}' }, 'TEMPLATE_INVALID');
    await refused({ method: 'lora' }, 'TEMPLATE_INVALID');
    await refused({ targetColumn: 'none' }, 'DATA_COLUMN_MISSING');
    await refused({ train: train.map(({ user_id, item_id }) => ({ user_id, item_id })) }, 'DATA_COLUMN_MISSING');
    await refused({ train: train.map((row) => ({ ...row, review: 'Good.' })) }, 'DATA_SPLIT_EMPTY');
    await refused({ train: train.map((row) => ({ ...row, user_id: '' })) }, 'DATA_ID_MISSING');
    await refused({ template: '[soft:2]{title} {target}' }, 'FIELD_MISSING');
  });
});
