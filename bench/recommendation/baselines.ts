import { countCodes } from '../../src/data/interactions/interaction-data.js';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { evaluateRanking } from '../../src/evaluation/ranking/ranking-report.js';
import { BASELINE_NAMES, tuneBaseline } from '../../src/recommend/baselines/tune-baseline.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { inBatches } from '../../src/recommend/scorer.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [folder = '../shared/data/recommendation', ...wanted] = process.argv.slice(2);
const names = (wanted.length > 0 ? wanted : Object.keys(RECOMMENDATION_SETS)) as RecommendationSetName[];

type Line = Readonly<Record<string, unknown>> & { readonly set: string; readonly baseline: string };

const RESULT = 'bench/results/recommendation-baselines.json';
let lines = keptLines<Line>(RESULT, 'baselines');

for (const set of names) {
  const { interactions } = await RECOMMENDATION_SETS[set](folder);
  const splits = leaveOneOut(interactions);
  const itemCounts = countCodes(splits.train.items, splits.items.length);
  const userCounts = Int32Array.from(splits.users, (_, u) => splits.train.offsets[u + 1]! - splits.train.offsets[u]!);
  for (const name of BASELINE_NAMES) {
    if (name === 'recentPopularity' && !splits.train.times) continue;
    const { settings, validNdcg, scorer } = await tuneBaseline(name, splits);
    const { targets, lists } = await rankHeldOut(inBatches(scorer, splits.items.length), splits, { part: 'test' });
    const { figures, intervals, lists: shown } = evaluateRanking({ targets, lists, itemCounts, userCounts, seed: 0 });
    const line = {
      set,
      baseline: name,
      settings,
      validNdcg: round(validNdcg),
      test: Object.fromEntries(
        ['recall@5', 'ndcg@5', 'recall@10', 'ndcg@10', 'mrr@10'].map((figure) => [figure, round(figures[figure]!)]),
      ),
      ndcg10Interval: intervals.figures['ndcg@10']!.map(round),
      coverage: round(shown.coverage),
    };
    console.log(JSON.stringify(line));
    lines = [...lines.filter((other) => other.set !== set || other.baseline !== name), line];
    writeResult(RESULT, { protocol: splits.protocol, machine: machine(), baselines: lines });
  }
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
