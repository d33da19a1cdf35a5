/** Preferences, from answers to a served result, on people whose leniency and things whose quality are known. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Random } from '../../src/random.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { fitPreference, type PreferenceResult } from '../../src/recommend/preference/fit-preference.js';
import { inspectPreference } from '../../src/recommend/preference/inspect-preference.js';
import { type OpenPreference, openPreference } from '../../src/recommend/preference/open-preference.js';
import type { PreferenceOptions } from '../../src/recommend/preference/preference-options.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { randomRecommender } from './random-recommender.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-preference-'));
after(() => rmSync(folder, { recursive: true }));

const random = new Random(4);
const [USERS, ITEMS] = [40, 30];
const leniency = Array.from({ length: USERS }, () => 1.5 * random.normal());
const quality = Array.from({ length: ITEMS }, () => 1.5 * random.normal());
let clock = 0;
const answer = () => {
  const [user, item] = [random.integer(USERS), random.integer(ITEMS)];
  const liked = random.uniform() < 1 / (1 + Math.exp(-leniency[user]! - quality[item]!));
  clock += 1;
  return { user_id: `u${user}`, item_id: `i${item}`, rating: liked ? 5 : 2, timestamp: clock };
};
const answers = (count: number) => Array.from({ length: count }, answer);
const [train, valid, test] = [answers(600), answers(80), answers(240)];
const items = join(folder, 'items.csv');
writeFileSync(
  items,
  [
    'item_id,title,kind',
    ...quality.map(
      (_, i) =>
        `i${i},${i === 3 ? '' : i === 4 ? 'a'.repeat(4000) : `The ${['red', 'blue'][i % 2]} thing ${i}`},${['x', 'y', 'z'][i % 3]}`,
    ),
    'new,A new thing,x',
  ].join('\n'),
);
const OPTIONS = {
  ...{ model: TINY_MODEL, train, valid, test, items, maxSteps: 20, batchSize: 32, seed: 1, threads: 1 },
  template: '[soft:3][user:stats][item:stats][item:attributes]{title|max=8}{label}',
} satisfies Omit<PreferenceOptions, 'out'>;

describe('a preference', () => {
  let result: PreferenceResult;
  let open: OpenPreference;
  before(async () => {
    result = await fitPreference({ ...OPTIONS, out: join(folder, 'fitted') });
    open = await openPreference(join(folder, 'fitted'));
  });
  after(() => open.close());

  it('is learned: it tells likes from dislikes, better than either rate', () => {
    const { test: learned, baselines } = result;
    assert.ok(learned!.auc! > 0.7, `${learned!.auc}`);
    assert.ok(learned!.auc! > baselines!.given_vectors!.auc! - 0.1, `${learned!.auc} ${baselines!.given_vectors!.auc}`);
    assert.ok(learned!.auc! > baselines!.user_rate!.auc! && learned!.auc! > baselines!.item_rate!.auc!);
    assert.ok(learned!.uauc! > 0.6 && learned!.logLoss! < 0.65, `${learned!.uauc} ${learned!.logLoss}`);
    for (const name of ['item_rate', 'user_rate', 'both_rates', 'mf', 'sasrec', 'unlearned_rows', 'written_prompt']) {
      assert.ok(baselines![name]!.rows > 0, name);
    }
    const { without_user_stats: noUser, without_item_stats: noItem } = result.ablations!;
    assert.ok(noUser!.auc! < learned!.auc! && noItem!.auc! < learned!.auc!);
  });

  it('is served as it was measured', async () => {
    const again = await open.evaluate(test);
    assert.ok(Math.abs(again.test.auc! - result.test!.auc!) < 1e-6);
    assert.match(again.verdict!.text, /^Of 100 pairs .*the item's like rate \d+: /);
    assert.equal(result.verdict!.auc, result.test!.auc);
    assert.ok(result.verdict!.against.length > 3);
    const asked = await open.for({ user: 'u1', candidates: ['i0', 'i1', 'new', 'i3', 'i4'] }, { explain: true });
    assert.deepEqual(
      asked.map(({ item }) => item),
      ['i0', 'i1', 'new', 'i3', 'i4'],
    );
    const [alone] = await open.for({ user: 'u1', candidates: ['i1'] });
    assert.ok(Math.abs(alone!.logOdds - asked[1]!.logOdds) < 1e-3);
    for (const { probability, because } of asked) {
      assert.ok(probability > 0 && probability < 1);
      assert.deepEqual(Object.keys(because!), ['user:stats', 'item:stats', 'item:attributes']);
    }
  });

  it('answers a new user by a history, and one who likes nothing lower than one who likes all', async () => {
    const liked = ['i0', 'i5', 'i6', 'i7', 'i8', 'i9'];
    const [pleased] = await open.for({ history: liked, candidates: ['i1'] });
    const [displeased] = await open.for({ history: [], disliked: liked, candidates: ['i1'] });
    assert.ok(pleased!.logOdds > displeased!.logOdds + 0.3, `${pleased!.logOdds} ${displeased!.logOdds}`);
    const long = Array.from({ length: 3000 }, (_, i) => `i${i % ITEMS}`);
    const [answered] = await open.for({ history: long, candidates: ['i1'] });
    assert.ok(Number.isFinite(answered!.logOdds));
  });

  it('can be looked at', async () => {
    const { rows, decisions } = await inspectPreference(open, { user: 'u2', candidates: ['i2'] });
    assert.deepEqual(
      rows.map(({ source }) => source),
      ['user:stats', 'item:stats', 'item:attributes'],
    );
    assert.ok(rows.every(({ words }) => words.length === 5));
    assert.equal(decisions.length, 1);
  });

  it('refuses whom and what it does not know', async () => {
    await assert.rejects(open.for({ user: 'nobody', candidates: ['i1'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(open.for({ user: 'u1', candidates: ['none'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(open.for({ history: ['none'], candidates: ['i1'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(open.for({ candidates: ['i1'] }), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(fitPreference({ ...OPTIONS, out: join(folder, 'fitted') }), { code: 'PROMPT_FOLDER_EXISTS' });
  });

  it('says so where its vectors are of another width than its maps', async () => {
    const path = join(folder, 'fitted', 'preference.json');
    const before = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      before
        .replace('"kind": "values"', '"kind": "values", "column": "kind", "values": ["x"], "was": 1, "old": 1')
        .replace(
          /"values": \["x"\], "was": 1, "old": 1,\s*"column": "kind",\s*"values": \[[^\]]*\]/,
          '"values": ["x"]',
        ),
    );
    await assert.rejects(openPreference(join(folder, 'fitted')), { code: 'RECOMMENDER_INVALID' });
    writeFileSync(path, before);
  });
});

describe('rows made of vectors', () => {
  const quick = { ...OPTIONS, maxSteps: 2, validRows: 20, baselines: false } as const;
  const recommender = async (name: string, prefix: string) => {
    const saved = randomRecommender({ items: ITEMS, users: 5, width: 8, historyLength: 3, maxLength: 5 });
    const ids = saved.recommender.items.map((_, i) => `${prefix}${i}`);
    await writeRecommender(join(folder, name), { ...saved, recommender: { ...saved.recommender, items: ids } });
    return join(folder, name);
  };

  it('of a recommender, of texts and through a hidden layer are learned, saved and opened, beside a prefix too', async () => {
    const own = await recommender('own', 'i');
    const cases = [
      { template: '[soft:2][user:vector][item:vector,rows=2][user:stats]{label}', recommender: own, hidden: 4 },
      { template: '[soft:2][user:text][item:text]{label}', method: 'prefix' },
      { template: '[soft:2][user:items][item:items,rows=2][user:stats]{label}', itemFactors: 6 },
      { template: '[user:stats][item:stats]{label}', method: 'lora' },
    ] as const;
    for (const [i, options] of cases.entries()) {
      const out = join(folder, `vectors-${i}`);
      const { test: learned } = await fitPreference({ ...quick, ...options, out });
      const open = await openPreference(out);
      const again = await open.evaluate(test);
      await open.close();
      assert.ok(Math.abs(again.test.auc! - learned!.auc!) < 1e-6, options.template);
    }
  });

  it('of a recommender that was fitted on other data are refused', async () => {
    const foreign = await recommender('foreign', 'x');
    const template = '[soft:2][item:vector]{label}';
    await assert.rejects(fitPreference({ ...quick, template, recommender: foreign, out: join(folder, 'other') }), {
      code: 'RECOMMEND_DATA',
      message: /knows 0 of the \d+ items/,
    });
  });

  it('stand in texts of a masked model, where a template may have rows alone', async () => {
    const model = 'test/fixtures/models/bert';
    const labels = { yes: 'a', no: 'b' };
    const template = '[user:stats]{label}[item:stats]';
    const { test: learned } = await fitPreference({ ...quick, model, labels, template, out: join(folder, 'masked') });
    assert.ok(learned!.auc! > 0.5, `${learned!.auc}`);
  });
});

describe('what a preference cannot be learned from', () => {
  it('answers all alike', async () => {
    const alike = train.map((row) => ({ ...row, rating: 5 }));
    await assert.rejects(fitPreference({ ...OPTIONS, train: alike, out: join(folder, 'alike') }), {
      code: 'RECOMMEND_DATA',
      message: /All 600 training rows are likes.*--like/s,
    });
  });

  it('a rule of likes that is none, and a template with a source that is none', async () => {
    const out = join(folder, 'wrong');
    await assert.rejects(fitPreference({ ...OPTIONS, like: 'good ones', out }), { code: 'RECOMMEND_OPTION' });
    await assert.rejects(fitPreference({ ...OPTIONS, like: 'stars > 3', out }), { code: 'DATA_COLUMN_MISSING' });
    await assert.rejects(fitPreference({ ...OPTIONS, template: '[user:mood]{label}', out }), {
      code: 'TEMPLATE_INVALID',
    });
  });
});
