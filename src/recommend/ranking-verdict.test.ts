import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredRanking } from './measure-ranking.js';
import { concentrationText, nextStep, rankingVerdict } from './ranking-verdict.js';

/** People of one item each, of whom the first `found` have it among ten. */
const ranking = (people: number, found: number, lists: object = {}): MeasuredRanking =>
  ({
    targets: {
      users: Int32Array.from({ length: people }, (_, u) => u),
      offsets: Int32Array.from({ length: people + 1 }, (_, u) => u),
      items: new Int32Array(people),
      ranks: Int32Array.from({ length: people }, (_, u) => (u < found ? 3 : 40)),
    },
    report: { lists: { coverage: 0.25, popularShare: 0.9, chosenPopularShare: 0.3, ...lists } },
  }) as unknown as MeasuredRanking;
const how = { items: 800, texts: true, hasTexts: true, model: 'embedded' };
const beside = (name: string, people: number, found: number) => ({ name, ...ranking(people, found) });

test('what people found is said first, with what costs nothing beside it', () => {
  const others = [beside('popularity', 600, 35), beside('item neighbours', 600, 136)];
  const { text, kind, next } = rankingVerdict(ranking(600, 133), others, how, 0);
  assert.equal(kind, 'no-difference');
  assert.equal(next, 'more-data');
  assert.match(
    text,
    /^Of 600 people, 133 found their next choice among 10 suggestions \(popularity 35: measurably more; item neighbours 136: no measurable difference\)/,
  );
  assert.match(text, /suggests 200 of 800 items; popular ones 3\.0 times as often as people choose them/);
  assert.equal(rankingVerdict(ranking(600, 233), others, how, 0).kind, 'better');
  assert.equal(rankingVerdict(ranking(600, 90), others, how, 0).kind, 'worse');
});

test('it is compared with the best of what costs nothing, not with any of it', () => {
  const kindBeside = (neighbours: number) =>
    rankingVerdict(
      ranking(600, 133),
      [beside('item neighbours', 600, neighbours), beside('popularity', 600, 35)],
      how,
      0,
    ).kind;
  assert.equal(kindBeside(60), 'better');
  assert.equal(kindBeside(130), 'no-difference');
  assert.equal(kindBeside(260), 'worse');
  assert.match(rankingVerdict(ranking(600, 133), [], how, 0).text, /Nothing was measured beside it/);
});

test('the next step, on both sides of each rule', () => {
  const figures = { kind: 'no-difference', people: 1000, found: 500 } as const;
  assert.equal(nextStep({ ...figures, kind: 'better' }, how), 'use');
  assert.equal(nextStep({ ...figures, kind: 'better', found: 25 }, how), 'another-model', 'twice what chance finds');
  assert.equal(nextStep({ ...figures, kind: 'better', found: 26 }, how), 'use', 'more than that');
  assert.equal(nextStep({ ...figures, kind: 'better', people: 12, found: 6 }, how), 'use', 'however few they are');
  assert.equal(nextStep({ ...figures, kind: 'worse', people: 999 }, how), 'more-data');
  assert.equal(nextStep({ ...figures, people: 999 }, how), 'more-data');
  assert.equal(nextStep({ ...figures, kind: 'worse' }, how), 'use-baseline');
  assert.equal(nextStep(figures, { ...how, hasTexts: false }), 'read-texts');
  assert.equal(nextStep(figures, { ...how, model: undefined }), 'read-texts');
  assert.equal(nextStep(figures, how), 'another-model');
  assert.equal(nextStep(figures, { ...how, texts: false }), 'another-template');
});

test('concentration names the knob only where popular items come too often', () => {
  const lists = { suggested: 200, items: 800 };
  assert.match(concentrationText({ ...lists, popularTimes: 1.5 }), /--popularity-penalty/);
  assert.equal(concentrationText({ ...lists, popularTimes: 1.49 }), 'It suggests 200 of 800 items.');
  assert.equal(concentrationText({ ...lists, popularTimes: null }), 'It suggests 200 of 800 items.');
});
