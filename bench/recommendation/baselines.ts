/**
 * The baselines that need no training by gradients, tuned on validation: popularity, recent popularity, ItemKNN, EASE, iALS.
 * Leave-one-out, full ranking, history removed; where interactions have times also by one point in time. Where a user has
 * interactions at the same time, their order is drawn: several seeds, or `by-item-id` beside them. A line of JSON each, kept
 * in bench/results; a line that is there already is not made again.
 *
 *   node dist/bench/recommendation/baselines.js [FOLDER] [SETS] [SPLITS] [SEEDS] [BASELINES]
 *
 * SETS, SPLITS (leave-one-out, time) and BASELINES are lists a,b,c; SEEDS is how many. Default: all sets, leave-one-out, 1, all.
 */
import { countCodes } from '../../src/data/interactions/interaction-data.js';
import { leaveOneOut, splitByTime } from '../../src/data/interactions/interaction-splits.js';
import { shuffleTies } from '../../src/data/interactions/tied-times.js';
import { evaluateRanking } from '../../src/evaluation/ranking/ranking-report.js';
import { type BaselineName, TUNED_BASELINES } from '../../src/recommend/baselines/baseline-names.js';
import { tuneBaseline } from '../../src/recommend/baselines/tune-baseline.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { inBatches } from '../../src/recommend/scorer.js';
import { wordsOfItems } from '../../src/recommend/words-of-items.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [folder = '../shared/data/recommendation', ...lists] = process.argv.slice(2);
const listed = <T extends string>(text: string | undefined, all: readonly T[]) =>
  text === undefined || text === '' ? all : (text.split(',') as T[]);
const sets = listed(lists[0], Object.keys(RECOMMENDATION_SETS) as RecommendationSetName[]);
const ways = listed(lists[1], ['leave-one-out'] as const) as readonly ('leave-one-out' | 'time')[];
const seeds = Number(lists[2] ?? 1);
const wanted = listed<BaselineName>(lists[3], TUNED_BASELINES);

interface Line {
  readonly set: string;
  readonly split: string;
  readonly seed: number;
  readonly baseline: string;
}

const RESULT = 'bench/results/recommendation-baselines.json';
let lines = keptLines<Line>(RESULT, 'baselines');

for (const set of sets) {
  const { interactions: read, items: table } = await RECOMMENDATION_SETS[set](folder);
  for (const split of ways) {
    for (let seed = 0; seed < seeds; seed++) {
      // the set by item id has its order of ties already
      const { data, tied } = set.endsWith('by-item-id') ? { data: read, tied: 0 } : shuffleTies(read, seed);
      if ((tied === 0 && seed > 0) || (split === 'time' && data.time === undefined)) continue;
      const splits = split === 'time' ? splitByTime(data, { validShare: 0.1, testShare: 0.1 }) : leaveOneOut(data);
      const texts = table.ids.length > 0 ? table : undefined;
      const words = wordsOfItems(texts, splits.items, { text: 'auto', itemTemplate: undefined });
      const itemCounts = countCodes(splits.train.items, splits.items.length);
      const { offsets } = splits.train;
      const userCounts = Int32Array.from(splits.users, (_, u) => offsets[u + 1]! - offsets[u]!);
      for (const baseline of wanted) {
        const same = (line: Line) =>
          line.set === set && line.split === split && line.seed === seed && line.baseline === baseline;
        if (lines.some(same) || (baseline === 'recentPopularity' && !splits.train.times)) continue;
        if (baseline === 'easeTexts' && words === undefined) continue;
        const started = performance.now();
        const { settings, trials, validNdcg, scorer } = await tuneBaseline(baseline, splits, { words });
        const seconds = Math.round((performance.now() - started) / 1000);
        const ranked = await rankHeldOut(inBatches(scorer, splits.items.length), splits, { part: 'test' });
        const report = evaluateRanking({ ...ranked, itemCounts, userCounts, seed: 0 });
        const { figures, intervals, lists: shown, itemGroups, users } = report;
        const line = {
          ...{ set, split, seed, baseline, tied, users, settings, trials, seconds, validNdcg: round(validNdcg) },
          test: Object.fromEntries(
            ['recall@5', 'ndcg@5', 'recall@10', 'ndcg@10', 'mrr@10'].map((figure) => [figure, round(figures[figure]!)]),
          ),
          ndcg10Interval: intervals.figures['ndcg@10']!.map(round),
          cold: itemGroups.cold && {
            users: itemGroups.cold.users,
            'ndcg@10': round(itemGroups.cold.figures['ndcg@10']!),
            interval: itemGroups.cold.intervals['ndcg@10']!.map(round),
          },
          coverage: round(shown.coverage),
          peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
        };
        console.log(JSON.stringify(line));
        lines = [...lines, line];
        writeResult(RESULT, { machine: machine(), baselines: lines });
      }
    }
  }
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
