/** Profiles behind rows that are made of what people chose, on people whose kind decides that. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Random } from '../../src/random.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import { type OpenProfile, openProfile, predictProfiles } from '../../src/recommend/predict-profile.js';
import type { ProfileOptions } from '../../src/recommend/profile-options.js';
import { inspectProfile } from '../../src/recommend/profiles/inspect-profile.js';
import { serve } from '../../src/server/serve.js';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import type { Prediction } from '../../src/tasks/open-prompt.js';
import type { TuneResult } from '../../src/tasks/tune-events.js';
import { resumeTuning } from '../../src/tasks/tune-prompt.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { randomRecommender } from './random-recommender.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-profile-rows-'));
after(() => rmSync(folder, { recursive: true }));

const KINDS = ['north', 'south', 'east'] as const;
const [USERS, EACH, CHOSEN] = [300, 10, 6];

/** Seven of ten choices are things of one's own kind; half are of the north; an age goes with the kind. */
function writeWorld() {
  const random = new Random(5);
  const interactions = ['user_id,item_id,timestamp'];
  const users = ['user_id,home,age'];
  for (let u = 0; u < USERS; u++) {
    const kind = u % 4 < 2 ? 0 : (u % 4) - 1;
    users.push(`u${u},${KINDS[kind]},${20 + 20 * kind + random.integer(20)}`);
    for (let t = 0; t < CHOSEN; t++) {
      const of = random.uniform() < 0.7 ? kind : random.integer(3);
      interactions.push(`u${u},i${EACH * of + random.integer(EACH)},${1000 + t}`);
    }
  }
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
    return join(folder, name);
  };
  const items = Array.from({ length: 3 * EACH }, (_, i) => `i${i},thing ${i}`);
  return {
    interactions: write('interactions.csv', interactions),
    users: write('users.csv', users),
    items: write('items.csv', ['item_id,title', ...items, 'unmet,nobody chose this']),
  };
}

const world = writeWorld();
const options = (out: string, changes: Partial<ProfileOptions> = {}): ProfileOptions => ({
  ...{ ...world, attribute: 'home', template: '[soft:3]home[user:items,rows=2]{label}', itemFactors: 16 },
  labels: { north: 'x', south: 'o', east: 'e' },
  ...changes,
  tuning: { model: TINY_MODEL, out: join(folder, out), maxSteps: 150, seed: 1, threads: 1, ...changes.tuning },
});
const historyOf = (kind: number) => Array.from({ length: CHOSEN }, (_, i) => `i${EACH * kind + i}`);

describe('a profile behind rows made of what was chosen', () => {
  let result: TuneResult;
  let open: OpenProfile;
  before(async () => {
    result = await learnProfile(options('home'));
    open = await openProfile(join(folder, 'home'));
  });
  after(() => open.close());

  it('is learned for three values: about as well as a regression on the items, beyond the majority', () => {
    const scoresOf = (name: string) => result.scores.find((row) => row.name.startsWith(name))!.scores;
    const learned = scoresOf('learned prompt');
    assert.ok(learned.accuracy! > scoresOf('majority').accuracy! + 0.2, JSON.stringify(result.scores));
    assert.ok(learned.auc! > 0.85 && learned.macroF1! > 0.65, JSON.stringify(result.scores));
    assert.ok(learned.auc! > scoresOf('regression on all items').auc! - 0.07, JSON.stringify(result.scores));
    assert.ok(scoresOf('made rows, nothing learned').auc! > 0.8, JSON.stringify(result.scores));
    assert.equal(scoresOf('learned prompt, rows told nothing').auc, 0.5);
    assert.ok(scoresOf('regression on the same vectors').auc! > 0.85);
    assert.equal(result.test!.auc, learned.auc);
    assert.match(result.verdict!.text, /regression on all items \d+/);
  });

  it('is asked by items, evaluated from its folder, and looked at', async () => {
    const asked = await predictProfiles(open, [historyOf(0), historyOf(1), historyOf(2)]);
    assert.deepEqual(
      asked.map(({ label }) => label),
      KINDS,
    );
    const again = await evaluatePrompt(open, { data: join(folder, 'home', 'examples', 'test.jsonl') });
    assert.ok(Math.abs(again.auc! - result.test!.auc!) < 1e-9);
    assert.equal(again.accuracy, result.test!.accuracy);
    const { prediction, rows, because } = await inspectProfile(open, historyOf(2));
    assert.equal(prediction.label, 'east');
    assert.deepEqual(
      rows.map(({ source, row }) => [source, row]),
      [
        ['user:items', 0],
        ['user:items', 1],
      ],
    );
    assert.ok(because['user:items']! > 0.5, JSON.stringify(because));
    await assert.rejects(predictProfiles(open, [['i0', 'nothing']]), { code: 'RECOMMEND_REQUEST' });
    await assert.rejects(predictProfiles(open, [['unmet']]), {
      code: 'RECOMMEND_REQUEST',
      message: /No training user/,
    });
  });

  it('is served, and asked by items', async () => {
    const server = await serve({ folders: [join(folder, 'home')], port: 0, threads: 1, log: false });
    try {
      const ask = async (body: object) => {
        const response = await fetch(`${server.url}/v1/prompts/home/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
      };
      const expected = await predictProfiles(open, [historyOf(1), historyOf(2)]);
      const history = historyOf(2).join(',');
      const rows = await ask({ rows: [{ history: historyOf(1).join(',') }, { history }] });
      const text = await ask({ text: history });
      const answered = [rows, text].flatMap(({ body }) => body.predictions as Pick<Prediction, 'probabilities'>[]);
      for (const [i, { probabilities }] of [...expected, expected[1]!].entries()) {
        for (const kind of KINDS) {
          const difference = answered[i]!.probabilities[kind]! - probabilities[kind]!;
          assert.ok(Math.abs(difference) < 1e-6, JSON.stringify(answered[i])); // what is batched together rounds otherwise
        }
      }
      const refused = [await ask({ text: 'i0,nothing' }), await ask({ rows: [{ 'user:items': '[1]' }] })];
      assert.deepEqual(
        refused.map(({ status, body }) => [status, (body.error as { code: string }).code]),
        [
          [400, 'RECOMMEND_REQUEST'],
          [400, 'FIELD_MISSING'],
        ],
      );
    } finally {
      await server.close();
    }
  });

  it('answers on the command line as it does here', async () => {
    const history = historyOf(1).join(',');
    const out = join(folder, 'default');
    const files = ['--interactions', world.interactions, '--items', world.items, '--users', world.users];
    const learned = await softprompt([
      ...['recommend', 'profile', ...files, '--attribute', 'home', '--model', TINY_MODEL, '--out', out],
      ...['--labels', JSON.stringify(options('').labels), '--item-factors', '8', '--max-steps', '4'],
    ]);
    assert.equal(learned.code, 0, learned.stderr);
    assert.match(
      learned.stdout,
      /AUC.*\nlearned prompt [\s\S]*regression on all items[\s\S]*recommend profile predict/,
    );
    const { template } = JSON.parse(readFileSync(join(out, 'softprompt.json'), 'utf8')) as { template: string };
    assert.equal(template, '[soft:"What someone chose tells the home:"][user:items,rows=2]{label}');
    const asked = await softprompt([
      'recommend',
      'profile',
      'predict',
      join(folder, 'home'),
      '--history',
      history,
      '--json',
    ]);
    assert.equal(asked.code, 0, asked.stderr);
    const [here] = await predictProfiles(open, [historyOf(1)]);
    assert.deepEqual(jsonEvents(asked).at(-1)!.probabilities, here!.probabilities);
    const looked = await softprompt(['inspect', join(folder, 'home'), '--history', history]);
    assert.match(looked.stdout, /south .*user:items \+/, looked.stderr);
    const text = await softprompt(['predict', join(folder, 'home'), 'thing 1', '--json']);
    assert.equal(jsonEvents(text).at(-1)!.code, 'FIELD_MISSING');
    const record = JSON.parse(readFileSync(join(folder, 'home', 'profile.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(folder, 'home', 'profile.json'), JSON.stringify({ ...record, rowsHash: 'other' }));
    await assert.rejects(openProfile(join(folder, 'home')), { code: 'PROMPT_FILES_MIXED' });
    writeFileSync(join(folder, 'home', 'profile.json'), JSON.stringify(record));
  });
});

it('an interrupted one goes on, and comes to the same', async () => {
  const whole = await learnProfile(
    options('whole', { tuning: { model: TINY_MODEL, out: join(folder, 'whole'), maxSteps: 12 } }),
  );
  const stop = new AbortController();
  const part = options('part', { tuning: { model: TINY_MODEL, out: join(folder, 'part'), maxSteps: 12 } });
  const first = await learnProfile(part, {
    signal: stop.signal,
    onEvent: (event) => event.event === 'validation' && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  const resumed = await resumeTuning(join(folder, 'part'));
  assert.deepEqual(resumed.scores, whole.scores);
});

it('ranges of numbers, recommender and text vectors, titles beside rows, and other methods are learned', async () => {
  const quick = (out: string) => ({
    model: TINY_MODEL,
    out: join(folder, out),
    maxSteps: 2,
    baselines: false,
    seed: 1,
  });
  const saved = randomRecommender({ items: 3 * EACH, users: 5, width: 8, historyLength: 3, maxLength: 5 });
  await writeRecommender(join(folder, 'recommender'), saved);
  const cases: [string, Partial<ProfileOptions>][] = [
    ['age', { attribute: 'age', ranges: 3, labels: undefined }],
    ['vector', { template: '[soft:2][user:vector]{label}', recommender: join(folder, 'recommender') }],
    ['text', { template: '[soft:2][user:text,rows=2]{history|keep=end}{label}', layers: 1, textWidth: 4 }],
  ];
  for (const [name, changes] of cases) {
    await learnProfile(options(name, { ...changes, tuning: quick(name) }));
    const open = await openProfile(join(folder, name));
    const [one] = await predictProfiles(open, [historyOf(0)]);
    assert.equal(Object.keys(one!.probabilities).length, 3, name);
    await open.close();
  }
  for (const [method, template] of [
    ['prefix', '[soft:2]home[user:items]{label}'],
    ['lora', 'home[user:items]{label}'],
  ] as const) {
    const learned = await learnProfile(
      options(method, { template, tuning: { ...quick(method), method, baselines: true, maxSteps: 80 } }),
    );
    const accuracy = (name: string) => learned.scores.find((row) => row.name.startsWith(name))!.scores.accuracy!;
    assert.ok(accuracy('learned prompt') > accuracy('majority') + 0.1, `${method} ${JSON.stringify(learned.scores)}`);
    const open = await openProfile(join(folder, method));
    assert.deepEqual((await predictProfiles(open, [historyOf(1)])).length, 1);
    await open.close();
  }
});

it('rows that do not apply are refused, with what to write', async () => {
  for (const row of ['[item:items]', '[user:stats]', '[user:attributes]', '[item:vector]']) {
    await assert.rejects(learnProfile(options('refused', { template: `[soft:2]${row}{label}` })), {
      code: 'TEMPLATE_INVALID',
      message: /\[user:items\]/,
    });
  }
  await assert.rejects(learnProfile(options('refused', { template: '[soft:2][user:items]{other}{label}' })), {
    code: 'FIELD_MISSING',
  });
  const encoded = { model: TINY_MODEL, out: join(folder, 'refused'), method: 'p-tuning' } as const;
  await assert.rejects(learnProfile(options('refused', { tuning: encoded })), { code: 'TUNING_SETTING' });
});
