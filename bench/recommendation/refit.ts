/**
 * What a refit on all data gives, and how to make it: each user's last interaction is put aside, `fit` happens on what is
 * left (validation and test included), and the networks rank what was put aside, given the whole history before it.
 *
 *   node dist/bench/recommendation/refit.js [SET] [SEEDS] [USERS] [EPOCHS] [FOLDER]
 *
 * USERS: only the first ones of the set. EPOCHS: of the schedule, or auto.
 */
import { selectRows } from '../../src/data/interactions/interaction-data.js';
import { type InteractionSplits, leaveOneOut, nothingHeldOut } from '../../src/data/interactions/interaction-splits.js';
import { orderByUser } from '../../src/data/interactions/user-order.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import type { SasRec } from '../../src/recommend/sequential/sasrec-model.js';
import type { SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import { bestEpoch, type NetworkState } from '../../src/training/train-network.js';
import { startState } from '../../src/training/training-state.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'ml-100k-by-item-id', seeds = '2', users = 'all', epochs = 'auto', folder] = process.argv.slice(2);
const { interactions } = await RECOMMENDATION_SETS[set as RecommendationSetName](
  folder ?? '../shared/data/recommendation',
);
const few = Int32Array.from(interactions.user.keys()).filter((row) => interactions.user[row]! < Number(users));
const all = users === 'all' ? interactions : selectRows(interactions, few);
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

const THREADS = { threads: 1 };
const lines: object[] = [];
for (let seed = 0; seed < Number(seeds); seed++) {
  const splits = leaveOneOut(left);
  const schedule = epochs === 'auto' ? epochs : Number(epochs);
  const [heldOut, fitSeconds] = await timed(() => fitSasRec(splits, { seed, epochs: schedule }, THREADS));
  const best = { epoch: bestEpoch(heldOut.state)!, weights: heldOut.state.best!.weights };
  const everything = nothingHeldOut(left);
  const chosen = { seed, epochs: heldOut.epochs, width: heldOut.model.shape.width };
  const variants: Record<string, object> = { 'as held out': { ndcg: await ndcg(heldOut.model), seconds: fitSeconds } };
  const variant = async (name: string, options: Partial<SasRecOptions>, fixedEpochs: number, state?: NetworkState) => {
    const [fitted, seconds] = await timed(() =>
      fitSasRec(everything, { ...chosen, ...options }, { ...THREADS, fixedEpochs, state }),
    );
    variants[name] = { ndcg: await ndcg(fitted.model), epochs: fixedEpochs, seconds };
    console.log(name, JSON.stringify(variants[name]));
  };
  await variant('anew, along the same schedule', {}, best.epoch);
  await variant('anew, the rate falling to 0', { epochs: best.epoch }, best.epoch);
  const more = Math.max(1, Math.round(best.epoch / 5));
  for (const learningRate of [3e-4, 1e-3]) {
    const name = `continued, the rate falling from ${learningRate} to 0`;
    await variant(name, { epochs: more, learningRate }, more, startState(best.weights, {}));
  }
  const line = { set, users, seed, scheduled: heldOut.epochs, best: best.epoch, variants };
  console.log(JSON.stringify(line));
  lines.push(line);
}

const RESULT = 'bench/results/recommendation-refit.json';
const others = keptLines<{ readonly set: string; readonly users: string }>(RESULT, 'fits').filter(
  (fit) => fit.set !== set || fit.users !== users,
);
writeResult(RESULT, {
  protocol: "each user's last interaction put aside and ranked; NDCG@10, the network on ids alone, one thread",
  machine: machine(),
  fits: [...others, ...lines],
});
