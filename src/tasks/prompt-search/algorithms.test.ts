/** The searches on spaces so small that all of them can be tried. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Random } from '../../random.js';
import { ape } from './ape.js';
import { grips, joined, unitsOf } from './grips.js';
import { type Ask, CallsSpent, PaidCalls } from './paid-calls.js';
import type { Candidate } from './prompt-scores.js';
import { reinforce, standardised } from './reinforce.js';
import { writtenText } from './remote-scorer.js';
import { shownExamples } from './shown-examples.js';
import { soughtWords } from './sought-words.js';
import { wordPolicy } from './word-policy.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-search-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const writing = (action: () => Promise<void>) => action();

/** Calls on one example of two labels, whose right score is what `worth` says of the words. */
function paid(worth: (words: string) => number, maxCalls: number): PaidCalls {
  const values = (words: string) => Float32Array.of(worth(words), 0);
  return new PaidCalls({
    scorer: {
      score: async (candidates) =>
        candidates.map((candidate) => ({ values: values('words' in candidate ? candidate.words : ''), classes: 2 })),
      ...{ release: async () => {}, together: true },
    },
    ...{ targets: Int32Array.of(0), classes: 2, calibrate: false, maxCalls, onCall: () => {}, writing },
    file: join(folder, `${files++}.jsonl`),
  });
}

const untilSpent = (search: (ask: Ask) => Promise<unknown>, calls: PaidCalls) =>
  search(calls.ask).catch((error) => assert.ok(error instanceof CallsSpent, String(error)));
const found = (calls: PaidCalls) => {
  const { candidate } = calls.finalists[0]!;
  return 'words' in candidate ? candidate.words : '';
};

const LETTERS = ['a', 'b', 'c', 'd'];
/** All texts of at most three of four words. */
const SPACE = LETTERS.flatMap((x) => [[x], ...LETTERS.flatMap((y) => [[x, y], ...LETTERS.map((z) => [x, y, z])])]);
/** Rough, but near texts are alike: what an order of words is worth. */
const worth = (words: string) => {
  const units = words.split(' ');
  return 2 * Number(units[0] === 'c') + Number(units[1] === 'a') + 2 * Number(units.at(-1) === 'd') - units.length / 4;
};

test('edits of words find the best of all texts', async () => {
  const best = Math.max(...SPACE.map((words) => worth(words.join(' '))));
  const calls = paid(worth, 120);
  const alternatives = async (word: string) => LETTERS.filter((other) => other !== word);
  const random = new Random(3);
  await untilSpent(
    (ask) => grips(ask, { starts: ['b', 'b b'], random, population: 6, alternatives, vocabulary: LETTERS }),
    calls,
  );
  assert.equal(worth(found(calls)), best, found(calls));
});

test('the best of all examples to show is found, in the best order; those that are shown do not count', async () => {
  const labels = ['+', '+', '+', '-', '-', '-'];
  const good = new Set([1, 5]);
  const worthOf = (places: readonly number[]) =>
    places.reduce((sum, place, i) => sum + (good.has(place) ? 1 : -1) + (place === 5 && i === 0 ? 0.5 : 0), 0);
  const all = labels.flatMap((_, a) => [[a], ...labels.flatMap((_b, b) => (a === b ? [] : [[a, b]]))]);
  const asked: Candidate[] = [];
  const calls = paid((words) => worthOf(words.split(' ').map(Number)), 30);
  await untilSpent(
    (ask) =>
      shownExamples(
        (candidates) => {
          asked.push(...candidates);
          return ask(candidates.map((one) => ({ words: (one as { words: string }).words })));
        },
        {
          ...{ labels, most: 2, population: 4, random: new Random(2) },
          write: (places) => places.join(' '),
          fits: (words) => words !== '5 0',
        },
      ),
    calls,
  );
  const best = Math.max(...all.map(worthOf));
  assert.equal(worthOf(found(calls).split(' ').map(Number)), best, found(calls));
  for (const one of asked) assert.ok('words' in one && one.without!.join(' ') === one.words && one.words !== '5 0');
  // the first round shows one of each label
  const places = asked.slice(0, 4).map((one) => ('words' in one ? one.without! : []));
  assert.ok(places.some(({ length }) => length === 2));
  for (const own of places) assert.equal(new Set(own.map((n) => labels[n])).size, own.length);

  const judged = new PaidCalls({
    scorer: {
      score: async () => [{ values: Float32Array.of(0, 3, 0, 0), classes: 2 }],
      release: async () => {},
      together: true,
    },
    ...{ targets: Int32Array.of(0, 1), classes: 2, calibrate: false, maxCalls: 1, onCall: () => {}, writing },
    file: join(folder, 'without.jsonl'),
  });
  const [scored] = await judged.ask([{ words: 'a', without: [0] }]);
  assert.ok(Math.abs(scored!.loss - Math.log(2)) < 1e-6, `${scored!.loss}`);
});

test('a policy over words learns which are rewarded, and finds pairs like the best', async () => {
  const V = 40;
  const words = Array.from({ length: V }, (_, i) => `w${i}`);
  const random = new Random(1);
  const embeddings = Float32Array.from({ length: V * 4 }, () => random.normal() / 2);
  const policy = await wordPolicy({ states: 4, width: 4, vocabulary: V, places: 2 }, embeddings, 0.1, random);
  const of = (text: string) => {
    const [first, last] = text.split(' ').map((word) => Number(word.slice(1)));
    return 3 - Math.abs(first! - 31) / 16 - Math.abs(last! - 5) / 16;
  };
  const seen: number[] = [];
  const calls = paid((text) => {
    seen.push(of(text));
    return of(text);
  }, 250);
  await untilSpent(
    (ask) =>
      reinforce(ask, {
        ...{ policy, words, length: 2, population: 8, targets: Int32Array.of(0), random, start: 'w0 w0' },
        read: async (beginnings) => new Float32Array(beginnings.length * 4).fill(1),
        join: (chosen) => chosen.join(' '),
      }),
    calls,
  );
  await policy.release();
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(
    mean(seen.slice(-30)) > mean(seen.slice(1, 31)) + 0.4,
    `${mean(seen.slice(1, 31))} ${mean(seen.slice(-30))}`,
  );
  // of 1,600 pairs 25 are as good
  assert.ok(of(found(calls)) >= 3 - 3 / 16, `${found(calls)} ${of(found(calls))}`);
});

test('rewards are standardised example by example, so that hard ones count as easy ones do', () => {
  const scored = [3, 0, -3].map((logit) => ({
    ...{ candidate: { words: `${logit}` }, calibration: undefined, loss: 0, accuracy: 0 },
    scores: { values: Float32Array.of(logit, 0, 0, 0), classes: 2 },
  }));
  // the second example is the same for all: it says nothing
  const advantages = standardised(scored, Int32Array.of(0, 1));
  assert.ok(advantages[0]! > 1 && Math.abs(advantages[1]!) < 0.2 && advantages[2]! < -1, `${advantages}`);
});

test('written instructions are varied, and a writer that has no more to say ends it', async () => {
  const texts: string[] = [];
  const calls = paid((words) => words.length / 10, 100);
  await ape(calls.ask, {
    ...{ start: 'x', examples: [{ id: '1', fields: { text: 'fine' }, label: '1' }], labels: { '1': ' good' } },
    ...{ population: 2, random: new Random(0) },
    write: async (text) => {
      texts.push(text);
      return [' "Say it."\nOutput: no', ' Say how good it is.'];
    },
  });
  assert.match(texts[0]!, /Input: fine\nOutput: good/);
  assert.match(texts[1]!, /variation/);
  assert.equal(found(calls), 'Say how good it is.');
  assert.equal(calls.done, 3);
});

test('calls that were paid for are not paid for again, and a torn line is', async () => {
  let asked = 0;
  let onCall = () => {};
  const open = (together = true) =>
    new PaidCalls({
      scorer: {
        score: async (candidates) =>
          candidates.map(() => {
            asked += 1;
            return { values: Float32Array.of(asked, 0), classes: 2 };
          }),
        ...{ release: async () => {}, together },
      },
      ...{ targets: Int32Array.of(0), classes: 2, calibrate: false, maxCalls: 3, onCall: () => onCall(), writing },
      file: join(folder, 'kept.jsonl'),
    });
  const first = await open().ask([{ words: 'a' }, { words: 'b' }, { words: 'a' }]);
  assert.equal(first[0], first[2]);
  const again = open();
  assert.deepEqual(
    (await again.ask([{ words: 'a' }, { words: 'b' }])).map(({ loss }) => loss),
    [first[0]!.loss, first[1]!.loss],
  );
  assert.equal(asked, 2);
  await again.ask([{ words: 'c' }]);
  await assert.rejects(again.ask([{ words: 'd' }]), CallsSpent);
  assert.equal(asked, 3);
  const file = join(folder, 'kept.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -9));
  // of c and more the torn line is paid for again, and what comes behind it is kept
  await open().ask([{ words: 'a' }, { words: 'b' }, { words: 'c' }]);
  assert.equal(asked, 4);
  await open().ask([{ words: 'a' }, { words: 'b' }, { words: 'c' }]);
  assert.equal(asked, 4);
  // a budget that ends among what is asked for together pays for no more than it has
  writeFileSync(file, '');
  const some = open();
  await assert.rejects(some.ask(['a', 'b', 'a', 'c', 'd'].map((words) => ({ words }))), CallsSpent);
  assert.deepEqual([asked, some.done], [7, 3]);
  // one that is asked for alone is kept before the next is asked for
  writeFileSync(file, '');
  const lines: number[] = [];
  const alone = open(false);
  onCall = () => lines.push(asked, readFileSync(file, 'utf8').split('\n').length - 1);
  await alone.ask(['a', 'b'].map((words) => ({ words })));
  assert.deepEqual(lines, [8, 1, 9, 2]);
});

test('words are sought where the template says, with the spaces that belong there', () => {
  const labels = { a: ' good', b: ' bad' };
  const front = soughtWords('Is it? {text} It was{label}', labels);
  assert.deepEqual(
    [front.start, front.fill('Now say'), front.fill('')],
    ['Is it?', 'Now say {text} It was{label}', '{text} It was{label}'],
  );
  const marked = soughtWords('{text} [soft:5]{label}', labels);
  assert.deepEqual(
    [marked.tokens, marked.fill('very'), marked.learned(3, 9)],
    [5, '{text} very{label}', '{text} [soft:3]{label}'],
  );
  assert.equal(front.learned(undefined, 4), '[soft:4]Is it? {text} It was{label}');
  const between = soughtWords('{text} [soft:5] It was{label}', labels);
  assert.deepEqual([between.fill(''), between.fill('so')], ['{text} It was{label}', '{text} so It was{label}']);
  assert.equal(soughtWords('[soft:5]{text} so{label}', labels).fill('a so good\n'), 'a so good\\n{text} so{label}');
  const open = soughtWords('{text} It was{label}', labels);
  assert.deepEqual([open.given, open.start], ['', 'Is it good or bad?']);
  assert.equal(soughtWords('{text}。很{label}', { a: '好', b: '坏' }).fill('请看'), '请看{text}。很{label}');
  assert.equal(soughtWords('{text}{label}', labels).fill('a {b} [soft:3]'), 'a \\{b\\} \\[soft:3] {text}{label}');
  assert.equal(joined(unitsOf('很好 the  film。')), '很好the film。');
});

test('an example as text: the space in front of a label goes with it', () => {
  const text = { fields: { text: 'a film' } };
  assert.deepEqual(writtenText('Say: {text} It was {label}.', text, ['good', ' bad']), {
    context: 'Say: a film It was',
    continuations: [' good.', ' bad.'],
  });
});
