/**
 * What a refit on all data gives, and how to make it: each user's last interaction is put aside, `fit` happens on what is
 * left (validation and test included), and the networks rank what was put aside, given the whole history before it.
 *
 *   node dist/bench/recommendation/refit.js [SET] [SEEDS] [FOLDER]
 */
import { selectRows } from '../../src/data/interactions/interaction-data.js';
import { type InteractionSplits, leaveOneOut, nothingHeldOut } from '../../src/data/interactions/interaction-splits.js';
import { orderByUser } from '../../src/data/interactions/user-order.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { type SasRec, sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'ml-100k-by-item-id', seeds = '2', folder = '../shared/data/recommendation'] = process.argv.slice(2);
const { interactions: all } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const order = orderByUser(all);
const aside = new Uint8Array(all.user.length);
for (let user = 0; user < all.users.length; user++) aside[order.rows[order.offsets[user + 1]! - 1]!] = 1;
const rows = Int32Array.from(all.user.keys()).filter((row) => aside[row] === 0);
const left = { ...selectRows(all, rows), ...codesOfAll() };
const future: InteractionSplits = { ...nothingHeldOut(left), test: leaveOneOut(all, 3).test };

/** Codes of the whole data stay. */
function codesOfAll() {
  return {
    users: all.users,
    items: all.items,
    user: rows.map((row) => all.user[row]!),
    item: rows.map((row) => all.item[row]!),
  };
}

async function ndcg(model: SasRec): Promise<number> {
  const scorer = await sasRecScorer(model, { threads: 1 });
  try {
    const { targets } = await rankHeldOut(scorer.score, future, { part: 'test' });
    return Number(mean(metricPerUser(targets, RANK_METRICS.ndcg, 10)).toFixed(4));
  } finally {
    await scorer.release();
  }
}

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const value = await run();
  return [value, Math.round((performance.now() - started) / 1000)];
}

const lines: object[] = [];
for (let seed = 0; seed < Number(seeds); seed++) {
  const splits = leaveOneOut(left);
  const [heldOut, fitSeconds] = await timed(() => fitSasRec(splits, { seed }, { threads: 1 }));
  const best = heldOut.state.best!;
  const chosen = { seed, epochs: heldOut.epochs, width: heldOut.model.shape.width };
  const everything = nothingHeldOut(left);
  const [anew, anewSeconds] = await timed(() => fitSasRec(everything, chosen, { threads: 1, fixedEpochs: best.epoch }));
  const more = Math.max(1, Math.round(best.epoch / 5));
  const continued: Record<string, object> = {};
  for (const learningRate of [3e-4, 1e-3]) {
    const state = {
      epoch: 0,
      batch: 0,
      step: 0,
      lossSum: 0,
      best: undefined,
      history: [],
      weights: best.weights,
      buffers: {},
      firstMoments: zeros(best.weights),
      secondMoments: zeros(best.weights),
    };
    const [fitted, seconds] = await timed(() =>
      fitSasRec(everything, { ...chosen, epochs: more, learningRate }, { threads: 1, fixedEpochs: more, state }),
    );
    continued[`continued for ${more} epochs from a rate of ${learningRate}`] = {
      ndcg: await ndcg(fitted.model),
      seconds,
    };
  }
  const line = {
    set,
    seed,
    scheduled: heldOut.epochs,
    epochs: best.epoch,
    'as held out': { ndcg: await ndcg(heldOut.model), seconds: fitSeconds },
    anew: { ndcg: await ndcg(anew.model), seconds: anewSeconds },
    ...continued,
  };
  console.log(JSON.stringify(line));
  lines.push(line);
}

function zeros(weights: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(weights).map(([name, { length }]) => [name, new Float32Array(length)]));
}

const RESULT = 'bench/results/recommendation-refit.json';
const others = keptLines<{ readonly set: string }>(RESULT, 'fits').filter((fit) => fit.set !== set);
writeResult(RESULT, {
  protocol: "each user's last interaction put aside and ranked; NDCG@10, the network on ids alone, one thread",
  machine: machine(),
  fits: [...others, ...lines],
});
