/**
 * How much faster a team trains SASRec than one thread: an epoch each on a public set, alternating, medians.
 *
 *   node dist/bench/recommendation/training-threads.js [SET] [THREADS] [REPEATS] [FOLDER]
 */
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { median } from '../../src/evaluation/percentile.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'ml-100k-by-item-id', threads = '2', repeats = '3', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
const { interactions } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const splits = leaveOneOut(interactions);
const epoch = async (threads: number) => {
  let speed = 0;
  await fitSasRec(
    splits,
    { epochs: 1 },
    {
      threads,
      onEpoch: (_, { interactions, seconds }) => {
        speed = Math.round(interactions / seconds);
      },
    },
  );
  return speed;
};
const alone: number[] = [];
const team: number[] = [];
for (let i = 0; i < Number(repeats); i++) {
  alone.push(await epoch(1));
  team.push(await epoch(Number(threads)));
  console.log(JSON.stringify({ alone, team }));
}
const line = {
  set,
  threads: Number(threads),
  interactionsPerSecond: { alone, team },
  times: Number((median(team) / median(alone)).toFixed(2)),
};
const RESULT = 'bench/results/recommendation-training-threads.json';
writeResult(RESULT, {
  machine: machine(),
  sets: [...keptLines<typeof line>(RESULT, 'sets').filter((other) => other.set !== set), line],
});
