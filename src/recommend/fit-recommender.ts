import { matchAttributes } from '../data/interactions/attribute-table.js';
import { itemsMet } from '../data/interactions/interaction-splits.js';
import { orderByUser } from '../data/interactions/user-order.js';
import { type RunningJob, resumeJob, startJob } from '../jobs/run-job.js';
import { type FrozenModel, lastingSource, loadModel } from '../network/load-model.js';
import { currentRuntime } from '../runtime/load-runtime.js';
import { describeBaseModel } from '../tasks/prompt-folder/base-model-match.js';
import type { JsonValue } from '../tasks/prompt-folder/saved-prompt.js';
import { baselineTuner } from './baselines/tune-baseline.js';
import type { FitHooks, FitResult } from './fit-events.js';
import { FIT_JOB } from './fit-job.js';
import { type FitPlan, fitPlan, type RecommendOptions, readsTexts } from './fit-options.js';
import { fitParts } from './fit-parts.js';
import { type SavedRecommender, writeRecommender } from './folder/recommender-folder.js';
import { withoutPeople } from './folder/without-people.js';
import { type ItemReader, openItemReader } from './item-reader.js';
import { optionsToKeep } from './kept-options.js';
import { learnItemReader } from './learn-item-reader.js';
import { cheapBaselines, compareWith, measureBaselines } from './measure-baselines.js';
import { measureRanking, type RankingTask, rankAndMeasure } from './measure-ranking.js';
import { mixIn } from './mix-in.js';
import { rankingTask } from './ranking-task.js';
import { rankingVerdict } from './ranking-verdict.js';
import { readUsers } from './read-users.js';
import { loadRecommendData, type RecommendData } from './recommend-data.js';
import { recommenderScorer } from './recommender.js';
import { refitRecommender } from './refit-recommender.js';
import type { FrozenStart } from './sequential/chosen-encoder.js';
import { sasRecScorer } from './sequential/sasrec.js';
import { startTaskPrompt } from './task-prompt.js';
import { fitInputs, trainNetworks } from './train-networks.js';
import { wordsOfItems } from './words-of-items.js';

/**
 * The whole way from interactions to a recommender in a folder: read, split, read the items' texts with the frozen model,
 * train the sequence network, mix in an item-item model, choose by validation, test once, learn once more from everything
 * to serve, save.
 */
export async function fitRecommender(options: RecommendOptions, hooks: FitHooks = {}): Promise<FitResult> {
  const { out, overwrite } = fitPlan(options);
  return startJob(FIT_JOB, { out, overwrite, plan: options }, hooks, fitting());
}

/** Goes on with an interrupted or killed fit, bit for bit. Errors: RUN_NOT_FOUND. */
export async function resumeRecommender(folder: string, hooks: FitHooks = {}): Promise<FitResult> {
  return resumeJob(FIT_JOB, folder, hooks, fitting());
}

function fitting() {
  const started = performance.now();
  const costs = (interactionsPerSecond: number) => ({
    seconds: (performance.now() - started) / 1000,
    interactionsPerSecond,
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  });
  const work = (job: RunningJob<RecommendOptions>, hooks: FitHooks) => fit(job, hooks, costs);
  const interrupted = ({ folder }: RunningJob<RecommendOptions>): FitResult => ({
    ended: 'interrupted',
    out: folder.path,
    ...costs(0),
  });
  return { work, interrupted };
}

type Costs = Pick<FitResult, 'seconds' | 'interactionsPerSecond' | 'peakRssMib'>;

async function fit(
  job: RunningJob<RecommendOptions>,
  hooks: FitHooks,
  costs: (interactionsPerSecond: number) => Costs,
): Promise<FitResult> {
  const options = fitPlan(job.plan);
  let kept = job.plan; // what was said, for the folder's record
  await currentRuntime(); // rather missing now than after reading all data
  const data = await loadRecommendData(options);
  const open: { release(): Promise<void> }[] = [];
  try {
    const task = rankingTask(data, options);
    for (const text of data.notes) hooks.onEvent?.({ event: 'note', text });
    hooks.onEvent?.({
      event: 'data',
      users: data.data.users.length,
      items: data.data.items.length,
      interactions: data.data.user.length,
      protocol: task.splits.protocol,
    });
    const model = options.model === undefined ? undefined : await loadModel(options.model, hooks);
    if (model) {
      const { layers, hiddenSize } = model.checkpoint.config;
      hooks.onEvent?.({ event: 'model', source: options.model!, layers, width: hiddenSize });
      // a fit goes on with the very model that it began with: of one from a hub the commit is kept
      if (model.checkpoint.origin) kept = { ...kept, model: lastingSource(model.checkpoint) };
    }
    const frozen = await frozenStart(model, options);
    const opened = await readItems(model, task, data, options, hooks);
    if (opened) open.push(opened);
    const users = await readUsers(task.splits, options);
    for (const text of users?.notes ?? []) hooks.onEvent?.({ event: 'note', text });
    await job.begin(kept);
    await job.readInputs(fitInputs(task.splits, { reader: opened, users: users?.inputs, frozen }));
    const learns = opened !== undefined && options.learnPrompt;
    const reader = learns ? await learnItemReader(opened, task.splits, options, hooks) : opened;
    const interrupted = (interactionsPerSecond = 0): FitResult => ({
      ...{ ended: 'interrupted', out: options.out },
      ...costs(interactionsPerSecond),
    });
    if (opened !== undefined && reader === undefined) return interrupted();
    const known = { reader, users: users?.inputs, frozen };
    if (await fitParts(task, known, options, hooks)) return interrupted();
    const { trained, choices, interactionsPerSecond } = await trainNetworks(task, known, options, hooks);
    if (trained === undefined || hooks.signal?.aborted) return interrupted(interactionsPerSecond);

    const { withText, withUsers } = trained;
    const words = wordsOfItems(data.items, task.splits.items, options);
    const tune = baselineTuner(task.splits, { ...task, words });
    const mixed = await mixIn(task, trained.model, { tune, texts: reader?.features, words }, options, hooks);
    if (hooks.signal?.aborted) return interrupted(interactionsPerSecond);
    const { recommender } = mixed;
    const scorer = await recommenderScorer(recommender, { threads: options.threads });
    open.push(scorer);
    const network = await sasRecScorer(trained.model, { threads: options.threads });
    open.push(network);
    const { seed, refit } = options;
    const valid = await measureRanking(scorer.score, task, 'valid', seed);
    const measured = await rankAndMeasure(scorer.score, task, { part: 'test', seed });
    const test = measured.report;
    const alone = await measureRanking(network.score, task, 'test', seed);
    const verdict = rankingVerdict(
      measured,
      await cheapBaselines(task, tune, options),
      {
        items: task.splits.items.length,
        texts: withText,
        hasTexts: data.items !== undefined,
        model: options.model,
      },
      seed,
    );
    const metrics = { valid: valid.figures, test: test.figures, testIntervals: test.intervals.figures };
    const refitted = refit
      ? await refitRecommender(data, task.splits.items, { trained, mixed }, known, options, hooks)
      : undefined;
    if (refit && refitted === undefined) return interrupted(interactionsPerSecond);
    const order = orderByUser(data.data);
    const saved: SavedRecommender = {
      recommender,
      learnedFrom: 'training',
      itemColumns: columnsByCode(task, data),
      users: data.data.users,
      histories: { offsets: order.offsets, items: order.rows.map((row) => data.data.item[row]!) },
      reading:
        withText && reader
          ? {
              template: reader.template,
              layers: reader.layers,
              maxLength: reader.maxLength,
              method: reader.method,
              pooling: reader.pooling,
              baseModel: reader.baseModel,
              prompt: reader.learned,
              whitening: reader.whitening,
            }
          : undefined,
      encoderModel: frozen && describeBaseModel(frozen.checkpoint),
      life: {
        ...(data.data.time && { until: data.data.time.reduce((last, time) => Math.max(last, time), -Infinity) }),
        ...(options.withoutHistories && { withoutHistories: true as const }),
      },
      options: optionsToKeep(kept),
      protocol: task.protocol,
      metrics: JSON.parse(JSON.stringify(metrics)) as JsonValue,
    };
    const people = !options.withoutHistories;
    await writeRecommender(
      options.out,
      people ? saved : withoutPeople(saved),
      people || refitted === undefined
        ? refitted
        : { ...refitted, recommender: withoutPeople({ ...saved, recommender: refitted.recommender }).recommender },
    );
    const baselines = options.baselines
      ? await measureBaselines(task, options, { seed }, hooks, { reader, words, tune })
      : [];
    if (baselines === undefined) return interrupted(interactionsPerSecond);
    if (!options.keepTraining) await job.end();
    return {
      ended: 'finished',
      out: options.out,
      holdsPeople: people,
      verdict,
      valid: valid.figures,
      test: test.figures,
      networkAlone: alone.figures,
      intervals: test.intervals.figures,
      lists: test.lists,
      text: withText,
      ...(users?.inputs && { users: withUsers }),
      mixture: recommender.itemItem?.mixture ?? null,
      likeness: recommender.likeness
        ? { weight: recommender.likeness.weight, latest: recommender.likeness.latest }
        : null,
      trend: recommender.trend ? { weight: recommender.trend.weight, halfLife: recommender.trend.halfLife } : null,
      choices: [...choices, ...mixed.choices],
      epochs: trained.epochs,
      bestEpoch: trained.bestEpoch,
      refit: refitted
        ? { interactions: refitted.interactions, epochs: refitted.epochs, seconds: refitted.seconds }
        : null,
      protocol: task.protocol,
      ...(options.baselines && {
        baselines: baselines.map((baseline) => compareWith(measured, baseline, seed)),
      }),
      ...costs(interactionsPerSecond),
    };
  } finally {
    for (const one of open) await one.release();
  }
}

/** What the frozen encoder starts from, if the options ask for one. */
async function frozenStart(model: FrozenModel | undefined, options: FitPlan): Promise<FrozenStart | undefined> {
  const { encoder, taskTokens } = options.network;
  if (encoder === 'learned' || model === undefined) return undefined;
  return startTaskPrompt(model, taskTokens, options.seed);
}

async function readItems(
  model: FrozenModel | undefined,
  task: RankingTask,
  data: RecommendData,
  options: FitPlan,
  hooks: FitHooks,
): Promise<(ItemReader & { readonly baseModel: ReturnType<typeof describeBaseModel> }) | undefined> {
  if (model === undefined || data.items === undefined || !readsTexts(options)) return undefined;
  const met = itemsMet(task.splits);
  const reader = await openItemReader(model, data.items, task.splits.items, met, options, (done, all) =>
    hooks.onEvent?.({ event: 'reading', done, all }),
  );
  const { template } = reader;
  const without = task.splits.items.length - reader.known.length;
  hooks.onEvent?.({
    event: 'note',
    text: `items are read as ${template}${without > 0 ? `; ${without} have no text` : ''}`,
  });
  return { ...reader, baseModel: describeBaseModel(model.checkpoint) };
}

function columnsByCode(task: RankingTask, { items: table }: RecommendData): ReadonlyMap<string, readonly string[]> {
  if (table === undefined) return new Map();
  const { rows } = matchAttributes(table, task.splits.items);
  return new Map(
    Array.from(table.columns, ([name, values]) => [name, Array.from(rows, (row) => (row === -1 ? '' : values[row]!))]),
  );
}
