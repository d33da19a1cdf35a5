/**
 * Items as words, with nothing trained: how well a frozen language model ranks titles after a history of titles. Sampled
 * candidates (the held-out item and 99 items the user never met), so the figures compare with each other only, never with
 * full ranking. Writes what it knows to bench/results after every fifth user.
 *
 *   node dist/bench/recommendation/words.js [USERS] [MODEL] [FOLDER] [TEMPLATE]
 */

import { countCodes } from '../../src/data/interactions/interaction-data.js';
import { leaveOneOut, sequenceOf } from '../../src/data/interactions/interaction-splits.js';
import { rankOf } from '../../src/evaluation/ranking/target-ranks.js';
import { loadModel } from '../../src/network/load-model.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';
import { Random } from '../../src/random.js';
import { historyBefore } from '../../src/recommend/rank-held-out.js';
import { titleScore, titleScorer, type WordsScoring } from '../../src/recommend/titles/title-scorer.js';
import { parseWordsTemplate, WORDS_TEMPLATE } from '../../src/recommend/titles/words-template.js';
import { machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS } from './datasets.js';

const [
  count = '100',
  source = '../shared/models/smollm2-135m-instruct',
  folder = '../shared/data/recommendation',
  template = WORDS_TEMPLATE,
] = process.argv.slice(2);
const NEGATIVES = 99;
const HISTORY = 10;
const MAX_LENGTH = 256;

const { interactions, items } = await RECOMMENDATION_SETS['ml-100k'](folder);
const splits = leaveOneOut(interactions);
const titleOf = new Map(items.ids.map((id, row) => [id, naturalTitle(items.columns.get('title')![row]!)]));
const titles = splits.items.map((id) => titleOf.get(id)!);
const IDS = titles.map((_, item) => `item ${1000 + ((item * 7919) % 8999)}`);
/** Of the words' score in nats beside log(count + 1): a guess, not tuned on anything. */
const MIXED_WEIGHT = 0.25;
const popularity = countCodes(splits.train.items, splits.items.length);

/** The held-out item first. */
const cases = new Random(0).sample(splits.users.length, Number(count)).map((user) => {
  const random = new Random(user + 1);
  const history = historyBefore(splits, 'test', user);
  const [target] = sequenceOf(splits.test, user);
  const met = new Set([...history, target!]);
  const others = random.shuffle(splits.items.map((_, item) => item).filter((item) => !met.has(item)));
  return { history: [...history.slice(-HISTORY)], candidates: [target!, ...others.slice(0, NEGATIVES)] };
});

const SCORINGS: Record<string, WordsScoring> = {
  likelihood: { prior: 0, lengthPower: 0 },
  'likelihood a token': { prior: 0, lengthPower: 1 },
  'half PMI': { prior: 0.5, lengthPower: 0 },
  PMI: { prior: 1, lengthPower: 0 },
  'PMI, square root of length': { prior: 1, lengthPower: 0.5 },
  'PMI a token': { prior: 1, lengthPower: 1 },
};

const model = await loadModel(source);
const network = promptNetwork(model.checkpoint, {
  loss: 'labels',
  trainable: NOTHING,
  sharedRows: MAX_LENGTH,
  maxPositions: MAX_LENGTH,
});
const scorer = titleScorer({
  network: { ...network, vocabularySize: model.checkpoint.config.vocabularySize },
  tokenizer: model.tokenizer,
  template: parseWordsTemplate(template),
  prompt: new Float32Array(0),
  maxLength: MAX_LENGTH,
  scoring: SCORINGS.PMI!,
});

/** Way of ranking → NDCG@10 of each user. */
const ndcg: Record<string, number[]> = {};
const rank = (name: string, scores: readonly number[]) => {
  const place = rankOf(Float32Array.from(scores), 0); // the held-out item is the first
  ndcg[name] = [...(ndcg[name] ?? []), place <= 10 ? 1 / Math.log2(place + 1) : 0];
};
const chance = new Random(1);
const started = performance.now();
for (const [done, { history, candidates }] of cases.entries()) {
  const counts = candidates.map((item) => popularity[item]!);
  rank('popularity', counts);
  rank(
    'random',
    candidates.map(() => chance.uniform()),
  );
  for (const [words, names] of Object.entries({ titles, 'meaningless ids': IDS })) {
    const asked = candidates.map((item) => names[item]!);
    const { logLikelihoods } = await scorer.score(
      history.map((item) => names[item]!),
      asked,
    );
    // what the ids are worth without a history means nothing
    const priors = words === 'titles' ? await scorer.priors(asked) : undefined;
    for (const [name, scoring] of Object.entries(SCORINGS)) {
      if (scoring.prior > 0 && priors === undefined) continue;
      const scores = asked.map((title, c) =>
        titleScore(logLikelihoods[c]!, priors?.[c] ?? 0, scorer.encodeTitle(title).length, scoring),
      );
      rank(`${words}, ${name}`, scores);
      const mixed = scores.map((score, c) => Math.log(counts[c]! + 1) + MIXED_WEIGHT * score);
      if (name === 'likelihood' || name === 'PMI') rank(`popularity and ${words}, ${name}`, mixed);
    }
  }
  if ((done + 1) % 5 === 0 || done + 1 === cases.length) write(done + 1);
}
await network.release();

/** What is known after so many users: the run can be ended at any time. */
function write(users: number): void {
  const results = Object.entries(ndcg).map(([ranked, values]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / users;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (users - 1));
    const found = values.filter((value) => value > 0).length;
    return {
      ranked,
      'ndcg@10': round(mean),
      standardError: round(deviation / Math.sqrt(users)),
      'hit@10': round(found / users),
    };
  });
  for (const result of results) console.log(JSON.stringify({ users, ...result }));
  writeResult('bench/results/recommendation-words.json', {
    protocol: `leave-one-out, ${users} users of ML-100K, their latest ${HISTORY} items, the held-out item among ${NEGATIVES} sampled ones; ties count as misses`,
    model: 'SmolLM2-135M-Instruct (Q4_1)',
    template,
    secondsAUser: round((performance.now() - started) / 1000 / users),
    machine: machine(),
    results,
  });
}

/** As people write it: 'Matrix, The (1999)' → 'The Matrix'. */
function naturalTitle(title: string): string {
  const withoutYear = title.trim().replace(/ \(\d{4}\)$/, '');
  return withoutYear.replace(/^(.*), (The|A|An|Les|Le|La|L'|Il|Das|Der|El)(?= \(|$)/, '$2 $1');
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
