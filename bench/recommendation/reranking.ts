/**
 * What titles add to a fitted recommender's scores among its own best: written and learned prompts, titles named or asked about with
 * yes or no, and statistics without a language model. Weights are chosen by users whose next item the recommender's network has not
 * seen, and judged across halves of them: NDCG@10, paired. Prints a line of JSON a way; keeps the latest of each in bench/results.
 *
 *   node dist/bench/recommendation/reranking.js NAME RECOMMENDER WORK [MODEL] [WAYS] [SETTINGS]
 *
 * NAME of the set, RECOMMENDER a folder that `recommend fit` wrote (it is copied), WORK a folder for the copy and for what is learned:
 * a run that was stopped goes on there. WAYS of `statistics,title,yes-no,learned,learned yes-no`; SETTINGS as JSON.
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { learnWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { weighWords } from '../../src/recommend/titles/weigh-words.js';
import { readPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { STATISTICS, statisticsResidual } from './residual-statistics.js';

const RESULT = 'bench/results/recommendation-reranking.json';
const SETTINGS = {
  /** That the weights are chosen by. */
  users: 2000,
  /** Candidates of each. */
  top: 50,
  /** Tokens of a history with its title; a title has a quarter of them at most. */
  maxLength: 96,
  /** Updates of the learned prompt, of 16 histories each. */
  updates: 50,
  threads: 1,
};

const [name, source, work, model = 'embedded', wanted = 'statistics,title,yes-no,learned,learned yes-no', text = '{}'] =
  process.argv.slice(2);
if (name === undefined || source === undefined || work === undefined) throw new Error('NAME RECOMMENDER WORK');
const settings: typeof SETTINGS = { ...SETTINGS, ...JSON.parse(text) };
const { users, top, maxLength, updates, threads } = settings;
const folder = join(work, 'recommender');
mkdirSync(work, { recursive: true });
if (!existsSync(join(folder, 'softprompt.json'))) cpSync(source, folder, { recursive: true });

interface Line {
  readonly set: string;
  readonly model: string;
  readonly way: string;
  readonly users: number;
  /** Of the recommender alone, and what re-ranking adds. */
  readonly 'ndcg@10': number;
  readonly gain: number;
  /** Of the gain, 95 %. */
  readonly interval: readonly [number, number];
  readonly learned?: { readonly updates: number };
}

type Named = Pick<Line, 'set' | 'model' | 'way' | 'learned'>;
/** Results of more and of fewer updates stand beside each other. */
const nameOf = ({ set, model: by, way, learned: prompt }: Named) => JSON.stringify([set, by, way, prompt?.updates]);

for (const way of wanted.split(',')) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const figures = way === 'statistics' ? await byStatistics() : await byTitles(way);
  const { user, system } = process.cpuUsage(cpu);
  const line = {
    ...{ set: name, model: way === 'statistics' ? 'none' : modelName(), way, ...figures },
    ...{ seconds: Math.round((performance.now() - started) / 1000), cpuSeconds: Math.round((user + system) / 1e6) },
    ...machine(),
  };
  console.log(JSON.stringify(line));
  const kept = keptLines<Line>(RESULT, 'results').filter((one) => nameOf(one) !== nameOf(line));
  writeResult(RESULT, {
    protocol: `the recommender's network that has seen the training part alone, its best ${top} of all items; what is left of a user validates; weights judged across halves of the users, NDCG@10 over all items, paired differences`,
    results: [...kept, line],
  });
}

async function byStatistics() {
  const { gain, without, weights, users: asked, found } = await statisticsResidual(folder, { users, top, threads });
  return {
    ...{ users: asked, found, ...judged(without, gain) },
    weights: Object.fromEntries(STATISTICS.map((statistic, f) => [statistic, round(weights[f]!)])),
  };
}

async function byTitles(way: string) {
  const form = way.endsWith('yes-no') ? 'yes-no' : 'title';
  const prompt = way.startsWith('learned') ? await learned(form) : undefined;
  const { scoring, validation, weight } = await weighWords(folder, {
    ...{ wordsModel: model, validUsers: users, rerankTop: top, maxLength, threads },
    form,
    ...(prompt && { prompt: prompt.out }),
    onProgress: (done, all) => {
      if (done % 100 === 0) console.error(`${way}: ${done} of ${all}`);
    },
  });
  const standardError = validation.standardError ?? Number.POSITIVE_INFINITY;
  return {
    users: validation.users,
    ...judged(validation.ndcg[0]!['ndcg@10'], { gain: validation.gain!, standardError }),
    ...{ weight: round(validation.ndcg[1]!.weight), ...scoring, kept: weight > 0 },
    ...{ maxLength, ...(prompt && { learned: prompt.figures }) },
  };
}

/** Goes on where a stopped run left it. */
async function learned(form: 'title' | 'yes-no') {
  const out = join(work!, `learned-${form === 'title' ? '' : `${form}-`}${modelName()}-${maxLength}-${updates}`);
  if (!existsSync(join(out, 'softprompt.json'))) {
    await learnWordsPrompt(
      { recommender: folder, model, out, form, maxLength, maxSteps: updates, threads },
      { onEvent: (event) => ['step', 'validation'].includes(event.event) && console.error(JSON.stringify(event)) },
    );
  }
  const { bestStep, start, valid } = (await readPrompt(out)).tuning;
  return { out, figures: { updates, bestStep, start, valid } };
}

function judged(without: number, { gain, standardError }: { gain: number; standardError: number }) {
  const most = 1.96 * standardError;
  return { 'ndcg@10': round(without), gain: round(gain), interval: [round(gain - most), round(gain + most)] };
}

function modelName(): string {
  return model.split('/').at(-1)!;
}

function round(value: number): number {
  return Number(value.toFixed(5));
}
