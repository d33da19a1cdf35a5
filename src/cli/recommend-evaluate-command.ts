import { evaluateRecommender, type RecommenderEvaluation } from '../recommend/evaluate-recommender.js';
import type { FitEvent } from '../recommend/fit-events.js';
import { EVALUATE_RECOMMENDER } from '../recommend/use-options.js';
import { sayFitEvent } from './fit-event-text.js';
import type { SharedFlags } from './flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { formatSeconds, type Output } from './output.js';
import { formatComparisons, formatFigures, formatGroups, formatLists } from './ranking-text.js';
import { runJob } from './run-job.js';

export async function recommendEvaluateCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const options = { ...optionsFrom(EVALUATE_RECOMMENDER, flags), threads: flags.threads };
  await runJob<FitEvent, RecommenderEvaluation>(flags, {
    run: (hooks) => evaluateRecommender(folder, options, hooks),
    sayEvent: sayFitEvent,
    sayResult: sayEvaluation,
    sayInterrupted: (result, output) => {
      sayEvaluation(result, output);
      output.say(
        'Interrupted before all baselines were measured; the same command goes on with the training that it was at',
      );
    },
  });
}

function sayEvaluation(result: RecommenderEvaluation, output: Output): void {
  const { models } = result;
  output.verdict(result.verdict);
  output.say(
    `\n${formatFigures(
      [
        ['test', result.test],
        ['history ranked too', result.testWithSeen],
        ...models.map(({ name, test }): [string, Readonly<Record<string, number>>] => [name, test]),
        ['validation', result.valid],
      ],
      output.width,
    )}`,
  );
  const [low, high] = result.intervals['ndcg@10']!;
  output.say(`NDCG@10 of the test lies in [${low.toFixed(4)}, ${high.toFixed(4)}] with 95 %`);
  if (models.length > 0) output.say(`\n${formatComparisons(models)}`);
  output.say(
    `\n${formatLists(
      [['recommender', result.lists], ...models.map(({ name, lists }): [string, typeof lists] => [name, lists])],
      output.width,
    )}`,
  );
  const { cold, warm, popular } = result.userGroups;
  const byHistory = { none: cold, shorter: warm, 'the longest fifth': popular };
  output.say(`\n${formatGroups('users by history', byHistory, output.width)}`);
  output.say(`\n${formatGroups('items by popularity', result.itemGroups, output.width)}`);
  for (const file of result.files) output.say(`Wrote   ${file}`);
  output.say(`\n${result.protocol}`);
  output.say(`${formatSeconds(result.seconds)}, at most ${Math.round(result.peakRssMib)} MiB of memory`);
}
