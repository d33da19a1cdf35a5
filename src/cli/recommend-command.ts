import { SoftpromptError } from '../errors.js';
import type { FitEvent, FitHooks, FitResult } from '../pipeline/recommend/fit-events.js';
import type { RecommendOptions } from '../pipeline/recommend/fit-options.js';
import { fitRecommender, resumeRecommender } from '../pipeline/recommend/fit-recommender.js';
import { openRecommender, type Recommendation, recommendFor } from '../pipeline/recommend/open-recommender.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import type { RecommendFlags } from './recommend-flags.js';

export async function fitCommand(flags: RecommendFlags): Promise<void> {
  const options: RecommendOptions = {
    interactions: required(flags.interactions, '--interactions', 'a file of users, items and times'),
    out: required(flags.out, '--out', 'a folder for the recommender'),
    interactionTable: {
      columns: {
        ...(flags.userColumn === undefined ? {} : { user: flags.userColumn }),
        ...(flags.itemColumn === undefined ? {} : { item: flags.itemColumn }),
        ...(flags.timeColumn === undefined ? {} : { time: flags.timeColumn }),
        ...(flags.ratingColumn === undefined ? {} : { rating: flags.ratingColumn }),
      },
      names: flags.names?.split(','),
      delimiter: flags.delimiter,
    },
    items: flags.items,
    itemTable: { idColumn: flags.idColumn, encoding: flags.encoding },
    model: flags.model,
    overwrite: flags.overwrite,
    minRating: flags.minRating,
    kCore: flags.kCore,
    split: flags.split,
    itemTemplate: flags.itemTemplate,
    layers: flags.layers,
    text: flags.text,
    users: flags.users,
    userTable: { idColumn: flags.userIdColumn },
    userAttributes: flags.userAttributes?.split(','),
    userVectors: flags.userVectors,
    userTokens: flags.userTokens,
    learnPrompt: flags.learnPrompt,
    itemItem: flags.itemItem,
    network: {
      ...(flags.epochs === undefined ? {} : { epochs: flags.epochs }),
      ...(flags.patience === undefined ? {} : { patience: flags.patience }),
      ...(flags.batchSize === undefined ? {} : { batchSize: flags.batchSize }),
      ...(flags.width === undefined ? {} : { width: flags.width }),
      ...(flags.maxHistory === undefined ? {} : { maxLength: flags.maxHistory }),
      ...(flags.dropout === undefined ? {} : { dropout: flags.dropout }),
      ...(flags.lr === undefined ? {} : { learningRate: flags.lr }),
    },
    seed: flags.seed,
    threads: flags.threads,
  };
  await report(flags, (hooks) => fitRecommender(options, hooks));
}

export async function resumeFitCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeRecommender(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: FitHooks) => Promise<FitResult>): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const signal = abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)'));
  const result = await run({
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    signal,
    onEvent: (event) => {
      output.event(event);
      describe(event, output);
    },
  });
  output.result({ ...result });
  if (result.ended === 'interrupted') {
    output.say(`Interrupted; go on with: softprompt recommend resume ${result.out}`);
    process.exitCode = 130;
  } else sayResult(result, output);
}

function describe(event: FitEvent, output: Output): void {
  switch (event.event) {
    case 'note':
      output.say(`Note    ${event.text}`);
      break;
    case 'stage':
      output.say(`        ${event.text} …`);
      break;
    case 'model':
      output.say(`Model   ${event.source} (${event.layers} layers, ${event.width} wide), frozen`);
      break;
    case 'data':
      output.say(`Data    ${event.users} users, ${event.items} items, ${event.interactions} interactions`);
      output.say(`Split   ${event.protocol}`);
      break;
    case 'reading':
      output.progress('reading the items', event.done, event.all);
      break;
    case 'epoch':
      output.say(
        `Epoch ${String(event.epoch).padStart(4)}   ${event.network}   loss ${event.trainLoss.toFixed(3)}   validation NDCG@10 ${event.validation.toFixed(4)}${event.best ? '   best' : ''}`,
      );
      break;
    case 'mixture':
      output.say(
        `Mixture ${event.itemItem} alone ${event.itemItemNdcg.toFixed(4)}, together ${event.validNdcg.toFixed(4)} (weight ${event.weight})`,
      );
      break;
  }
}

const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@5', 'ndcg@10', 'ndcg@20', 'mrr@10'];

function sayResult(result: FitResult, output: Output): void {
  const row = (name: string, figures: Readonly<Record<string, number>>) =>
    `${name.padEnd(14)}${SHOWN.map((figure) => figures[figure]!.toFixed(4).padStart(11)).join('')}`;
  output.say(`\n${''.padEnd(14)}${SHOWN.map((figure) => figure.padStart(11)).join('')}`);
  output.say(row('test', result.test!));
  output.say(row('network alone', result.networkAlone!));
  output.say(row('validation', result.valid!));
  output.say(`\n${result.protocol}`);
  if (result.users !== undefined)
    output.say(`Users' tokens: ${result.users ? 'kept' : 'left out, as validation asks'}`);
  output.say(
    `${formatSeconds(result.seconds)} in all, ${Math.round(result.interactionsPerSecond)} interactions/s in training, at most ${Math.round(result.peakRssMib)} MiB of memory`,
  );
  output.say(`The recommender is in ${result.out}. Try: softprompt recommend for ${result.out} --user ID`);
}

export interface RecommendForFlags extends SharedFlags {
  readonly user?: string;
  readonly history?: string;
  readonly userAttributes?: string;
  readonly k?: number;
  readonly includeSeen?: boolean;
  readonly explain?: boolean;
}

export async function recommendForCommand(folder: string, flags: RecommendForFlags): Promise<void> {
  if ((flags.user === undefined) === (flags.history === undefined)) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: flags.user === undefined ? 'Neither --user nor --history' : 'Both --user and --history',
      expected: 'one of them',
      fix: "Give --user with a user's id, or --history with the items of a new user, the oldest first.",
    });
  }
  const output = createOutput(flags.json ?? false);
  const open = await openRecommender(folder, flags.threads === undefined ? {} : { threads: flags.threads });
  try {
    const items = (flags.history ?? '').split(',').filter((id) => id !== '');
    const userAttributes = flags.userAttributes === undefined ? undefined : parseAttributes(flags.userAttributes);
    if (userAttributes && open.saved.recommender.network.users === undefined) {
      output.say('Note    this recommender knows no attributes of users, so these change nothing');
    }
    const request = { userAttributes, ...(flags.user === undefined ? { history: items } : { user: flags.user }) };
    const recommendations = await recommendFor(open, request, flags);
    output.result({ recommendations });
    recommendations.forEach((recommendation, i) => {
      output.say(formatRecommendation(i + 1, recommendation));
    });
  } finally {
    await open.release();
  }
}

/** `gender=F,age=31` → {gender: 'F', age: '31'}. @throws RECOMMEND_REQUEST */
function parseAttributes(text: string): Record<string, string> {
  const parts = text.split(',').map((part) => part.split('='));
  const odd = parts.find(([name, ...value]) => name === '' || value.length !== 1);
  if (odd === undefined) return Object.fromEntries(parts);
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found: `The user attribute '${odd.join('=')}'`,
    expected: 'a column and a value, such as gender=F, separated by commas',
    fix: 'Write, for example, --user-attributes gender=F,age=31.',
  });
}

function formatRecommendation(place: number, { item, score, attributes, because }: Recommendation): string {
  const title = attributes.title ?? attributes.name ?? Object.values(attributes)[0] ?? '';
  const line = `${String(place).padStart(3)}. ${item}  ${title}  (${score.toFixed(2)})`;
  if (because === undefined || because.length === 0) return line;
  return `${line}\n       because of ${because.map((reason) => `${reason.item} (${reason.weight.toFixed(2)})`).join(', ')}`;
}
