import { createHash } from 'node:crypto';
import { SoftpromptError } from '../../errors.js';
import { accuracy } from '../../evaluation/accuracy.js';
import { negativeLogLikelihood } from '../../evaluation/negative-log-likelihood.js';
import { judgeLabels } from '../../evaluation/predicted-labels.js';
import { softPrompt } from '../../methods/soft-prompt.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import { type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { scoreSequences } from '../../network/score-sequences.js';
import { compileOpenTemplate } from '../../prompt/compile-template.js';
import { describeBaseModel } from '../../tasks/prompt-folder/base-model-match.js';
import { placementOf } from '../../tasks/prompt-folder/placement.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { checkPromptFolder, writePrompt } from '../../tasks/prompt-folder/write-prompt.js';
import { fingerprint } from '../../tasks/run-folder.js';
import { startTokens } from '../../tasks/start-prompt.js';
import { resolveSettings } from '../../tasks/tune-options.js';
import { type StepProgress, tune } from '../../training/tune.js';
import type { Validation } from '../../training/tuning-state.js';
import { checkCounts } from '../check-counts.js';
import { definedOnly } from '../fit-options.js';
import { loadRecommendData } from '../recommend-data.js';
import type { LearnWordsOptions } from './learn-words-options.js';
import { nextTitleSequences } from './next-title-sequences.js';
import { MAX_HISTORY } from './recommend-words.js';
import { titledItems } from './titled-items.js';
import { wordsRun } from './words-run.js';
import { parseWordsTemplate, WORDS_TEMPLATE } from './words-template.js';

export interface LearnWordsHooks extends LoadModelOptions {
  readonly onStep?: ((progress: StepProgress) => void) | undefined;
  readonly onValidation?: ((step: number, validation: Validation) => void) | undefined;
  /** Ends after the update at hand; the same call goes on from there. */
  readonly signal?: AbortSignal | undefined;
}

export interface LearnWordsResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly steps: number;
  /** Of the best prompt: how often the next item is first among the sampled ones, and −log of its share. */
  readonly valid?: Validation | undefined;
  /** The same of the prompt before the first update. */
  readonly start?: Validation | undefined;
  readonly seconds: number;
}

const LEARNED_WORDS_TEMPLATE = `[soft:10]${WORDS_TEMPLATE}`;
const DEFAULTS = {
  maxLength: 256,
  maxHistory: MAX_HISTORY,
  negatives: 19,
  perUser: 1,
  trainUsers: 20_000,
  validUsers: 200,
  seed: 0,
} as const;

/**
 * Learns the prompt behind which titles are ranked, by the next-item loss over sampled candidates; the model stays frozen.
 * An interrupted call saves its state, and the same call goes on from there, bit for bit.
 * @throws RECOMMEND_OPTION, NOTHING_TO_LEARN, TEMPLATE_INVALID, PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE,
 * RECOMMEND_DATA, TUNING_SETTING, RUN_UNFINISHED where the folder holds another call's state
 */
export async function learnWordsPrompt(
  options: LearnWordsOptions,
  hooks: LearnWordsHooks = {},
): Promise<LearnWordsResult> {
  checkPromptFolder(options.out, { overwrite: options.overwrite ?? false });
  return learn(options, hooks, options.overwrite ?? false);
}

/** Goes on with an interrupted or killed call, bit for bit. Errors: RUN_NOT_FOUND, and those of `learnWordsPrompt`. */
export async function resumeWordsPrompt(folder: string, hooks: LearnWordsHooks = {}): Promise<LearnWordsResult> {
  return learn(await wordsRun(folder).readOptions(), hooks, false);
}

/** @param discard whether the state of another call may go */
async function learn(options: LearnWordsOptions, hooks: LearnWordsHooks, discard: boolean): Promise<LearnWordsResult> {
  const started = performance.now();
  const { negatives, perUser, trainUsers, validUsers, maxHistory, seed } = {
    ...DEFAULTS,
    ...definedOnly(options),
  };
  checkCounts({ negatives, perUser, trainUsers, validUsers, maxHistory, maxLength: options.maxLength });
  const template = parseWordsTemplate(options.template ?? LEARNED_WORDS_TEMPLATE);
  if (!template.parts.some(({ kind }) => kind === 'learned' || kind === 'learned-words')) {
    throw new SoftpromptError('NOTHING_TO_LEARN', {
      found: `The template ${JSON.stringify(template.source)} has no learned tokens`,
      expected: 'at least one [soft:N] or [soft:"words"]',
      fix: 'Put [soft:10] in front of it, or use it as it is (`npx softprompt recommend words --template`).',
    });
  }
  const run = wordsRun(options.out);
  const { splits, items: table } = await loadRecommendData(options);
  const model = await loadModel(options.model, hooks);
  const { checkpoint, tokenizer } = model;
  const maxLength = Math.min(options.maxLength ?? DEFAULTS.maxLength, checkpoint.config.maxPositions);
  const open = compileOpenTemplate(template, { tokenizer, maxLength });
  const titles = titlesOf(splits.items, titledItems(table!.ids, table!.columns, options.titleColumn));
  const sampling = { negatives, perUser, maxHistory };
  const train = nextTitleSequences(open, titles, splits, 'train', { ...sampling, users: trainUsers, seed });
  const valid = nextTitleSequences(open, titles, splits, 'valid', { ...sampling, users: validUsers, seed: seed + 1 });
  if (train.length === 0 || valid.length === 0) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `${train.length} histories to learn from and ${valid.length} to validate with`,
      expected: `users with two titled items and more, and ${negatives} other items to sample`,
      fix: 'Give more data, or fewer sampled items (--negatives).',
    });
  }
  const scale = await embeddingScale(checkpoint);
  const settings = resolveSettings(
    { ...options, seed },
    { trainExamples: train.length, validExamples: valid.length, scale },
  );
  const initial = await startTokens(model, open.starts, scale, seed);
  const network = promptNetwork(checkpoint, {
    loss: 'labels',
    trainable: softPrompt(open.learnedTokens, checkpoint.config.hiddenSize),
    sharedRows: open.sharedRows,
    maxPositions: maxLength,
    threads: options.threads,
  });
  const validate = async (prompt: Float32Array): Promise<Validation> => {
    const values = await scoreSequences(network, prompt, valid, hooks.signal ? { signal: hooks.signal } : {});
    const scores = { values, classes: negatives + 1 };
    const targets = new Int32Array(valid.length);
    return { accuracy: accuracy(judgeLabels(scores, targets), targets), loss: negativeLogLikelihood(scores, targets) };
  };
  try {
    const data = fingerprint(checkpoint.hash, { train, valid, test: undefined });
    const basis = basisOf(data, settings, initial);
    const saved = await run.readState(basis, discard);
    const { state, ended } = await run.begun(options, () =>
      tune({
        network,
        train,
        initial,
        settings,
        state: saved,
        signal: hooks.signal,
        validate,
        save: (current) => run.writeState(current, basis),
        onStep: hooks.onStep,
        onValidation: (line) => hooks.onValidation?.(line.step, line),
      }),
    );
    const seconds = () => (performance.now() - started) / 1000;
    if (ended === 'interrupted') return { ended, out: options.out, steps: state.step, seconds: seconds() };
    const best = state.best!;
    const start = await validate(initial);
    const shape = { tokens: open.learnedTokens, width: checkpoint.config.hiddenSize };
    await writePrompt(
      options.out,
      {
        method: 'soft',
        embeddings: { values: best.weights.prompt!, ...shape },
        initialEmbeddings: { values: initial, ...shape },
        initialTokens: open.starts.map((one) => (one.kind === 'words' ? one.id : null)),
        task: 'titles',
        template: template.source,
        placement: placementOf(train[0]!, open.learnedTokens),
        labels: new Map(),
        calibration: undefined,
        baseModel: describeBaseModel(checkpoint),
        tuning: JSON.parse(
          JSON.stringify({ ...settings, ...sampling, maxLength, bestStep: best.step, valid: best.validation, start }),
        ) as Record<string, JsonValue>,
        metrics: [],
      },
      { overwrite: true },
    );
    if (!options.keepTraining) await run.end();
    return {
      ended: 'finished',
      out: options.out,
      steps: state.step,
      valid: best.validation,
      start,
      seconds: seconds(),
    };
  } finally {
    await network.release();
  }
}

/** Code → title, for the codes of the interactions. */
function titlesOf(ids: readonly string[], items: { titles: readonly string[]; codes: ReadonlyMap<string, number> }) {
  return ids.map((id) => items.titles[items.codes.get(id) ?? -1] ?? '');
}

/** What a state must be continued with. The initial prompt tells apart what sequences do not: which words it starts as. */
function basisOf(data: string, settings: object, initial: Float32Array): string {
  return createHash('sha256').update(data).update(JSON.stringify(settings)).update(initial).digest('hex');
}
