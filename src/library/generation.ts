import type { TableOptions } from '../data/read-table.js';
import { isIterable, type RowSource, rowValues } from '../data/row-source.js';
import type { DecodingOptions } from '../decoding/decoding-options.js';
import type { Answer, AnswerStream } from '../decoding/request.js';
import { SoftpromptError } from '../errors.js';
import type { GenerationReport } from '../evaluation/generation/generation-report.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import type { Precision } from '../network/decoding/decoding-network.js';
import type { FrozenModel } from '../network/load-model.js';
import { checkAnswer, parseTemplate } from '../prompt/parse-template.js';
import { withoutLearned } from '../prompt/without-learned.js';
import { type Closable, closable } from '../runtime/closable.js';
import { decodingOf } from '../tasks/generate-options.js';
import { type TextGenerator, textGenerator } from '../tasks/generate-texts.js';
import { generationTask as openTask } from '../tasks/generation-task.js';
import { learnGeneration } from '../tasks/learn-generation.js';
import {
  evaluateGenerationPrompt,
  generationOnModel,
  type OpenGeneration,
  openGeneration as openFolder,
} from '../tasks/open-generation.js';
import { otherModelNotes } from '../tasks/open-prompt.js';
import type { SavedPrompt } from '../tasks/prompt-folder/saved-prompt.js';
import { checkPromptFolder, type WriteOptions, writePrompt } from '../tasks/prompt-folder/write-prompt.js';
import { loadTaskData, TARGET_COLUMN } from '../tasks/task-data.js';
import { templateFields } from '../tasks/template-fields.js';
import { dataEvent, type LearnReport, modelEvent, type TuneEvent } from '../tasks/tune-events.js';
import { type LearnOptions, learnPlan } from '../tasks/tune-options.js';
import { Lifetime } from './closing.js';
import { loadingOptions, type Watching } from './events.js';
import type { OpenPromptOptions } from './prompt.js';

/** A text for each slot, or the text itself where there is one slot. A list of messages is a text too. */
export type GivenText<Slot extends string = string> = string | { readonly [Name in Slot]: string | readonly unknown[] };

export interface GenerateOptions extends DecodingOptions, Watching<TuneEvent> {}

/** What goes on with texts. */
export interface Generates<Slot extends string = string> {
  /**
   * The answer to a text, or to many, in their order; many are computed together.
   * @throws DECODING_OPTION, FIELD_MISSING, SEQUENCE_TOO_LONG, CLOSED; the signal's reason
   */
  generate(text: GivenText<Slot>, options?: GenerateOptions): Promise<Answer>;
  generate(texts: readonly GivenText<Slot>[], options?: GenerateOptions): Promise<Answer[]>;
  /** The answer as it comes: `for await (const piece of prompt.stream(text))`; its `answer` is the whole. */
  stream(text: GivenText<Slot>, options?: GenerateOptions): AnswerStream;
}

/** Every option of `softprompt tune --task generate` but its files. */
export interface TuneGenerationOptions
  extends Omit<LearnOptions, 'template' | 'labels' | 'task' | 'labelColumn' | 'calibrate' | 'searchMinutes' | 'loss'>,
    Watching<TuneEvent> {
  readonly valid?: RowSource | undefined;
  readonly test?: RowSource | undefined;
  readonly table?: TableOptions | undefined;
}

/** A template with `{target}` on a frozen model. What it generates itself, it generates with nothing learned. */
export interface GenerationTask<Slot extends string = string> extends Generates<Slot> {
  readonly template: string;
  readonly slots: readonly Slot[];
  /**
   * Learns a prompt from rows with a text in the column `target` (`targetColumn`). Nothing is written until it is saved.
   * @throws NOTHING_TO_LEARN, TUNING_SETTING, the errors of loadExamples, CLOSED; the signal's reason
   */
  tune(rows: RowSource, options?: TuneGenerationOptions): Promise<GenerationPrompt<Slot>>;
}

/** A learned prompt that answers with texts. */
export interface GenerationPrompt<Slot extends string = string> extends Generates<Slot>, Closable {
  readonly template: string;
  readonly slots: readonly Slot[];
  /** Beside the written prompt. */
  readonly scores: readonly ScoreRow[];
  /** How it was learned; undefined for one that was opened. */
  readonly report: LearnReport<GenerationReport> | undefined;
  readonly saved: SavedPrompt;
  /** All metrics on rows that have a target. */
  evaluate(
    rows: RowSource,
    options?: GenerateOptions & {
      readonly columns?: Readonly<Record<string, string>> | undefined;
      readonly targetColumn?: string | undefined;
      readonly table?: TableOptions | undefined;
      readonly measureTexts?: number | undefined;
    },
  ): Promise<GenerationReport>;
  /** @throws PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE */
  save(folder: string, options?: Partial<WriteOptions>): Promise<void>;
}

interface OnModel {
  readonly source: string;
  readonly frozen: FrozenModel;
  readonly threads: number | undefined;
  readonly lifetime: Lifetime;
}

/** @throws TEMPLATE_INVALID */
export function generationTask<Slot extends string>(
  { source, frozen, threads, lifetime }: OnModel,
  template: string,
): GenerationTask<Slot> {
  const parsed = parseTemplate(template);
  checkAnswer(parsed, 'target');
  const slots = templateFields(parsed) as Slot[];
  let unlearned: Promise<TextGenerator> | undefined;
  const written = () => {
    unlearned ??= openTask(frozen, {
      template: withoutLearned(parsed),
      ...{ maxLength: frozen.checkpoint.config.maxPositions, threads },
    }).then((task) => {
      const generator = textGenerator(task, new Float32Array(0), { threads });
      lifetime.own(async () => {
        await generator.release();
        await task.network.release();
      });
      return generator;
    });
    return unlearned;
  };
  return {
    template,
    slots,
    ...generates(written, slots, lifetime, undefined),
    tune: async (rows, { onEvent, signal, valid, test, table, ...given }: TuneGenerationOptions = {}) => {
      lifetime.check();
      signal?.throwIfAborted();
      const plan = learnPlan({ threads, ...given, template, task: 'generate' });
      onEvent?.(modelEvent(source, frozen));
      const reading = { ...plan, labelColumn: plan.targetColumn ?? TARGET_COLUMN };
      const data = await loadTaskData(
        { train: readable(rows), valid: readable(valid), test: readable(test), table, signal },
        reading,
        slots,
      );
      onEvent?.(dataEvent(data));
      const { saved, report } = await learnGeneration(frozen, data, plan, { onEvent, signal });
      if (saved === undefined) throw signal?.reason;
      const own = new Lifetime('the prompt');
      const forget = lifetime.own(() => own.close());
      own.own(async () => forget());
      return promptHandle<Slot>(await generationOnModel(saved, frozen, { threads: plan.threads }), report, own);
    },
  };
}

/**
 * Opens the folder of a prompt that answers with texts, on the model that it names.
 * @throws PROMPT_FOLDER_INCOMPLETE, PROMPT_TASK, PROMPT_BASE_MODEL, and the errors of `load`
 */
export async function openGeneration<Slot extends string = string>(
  folder: string,
  options: OpenPromptOptions & { readonly precision?: Precision | undefined } = {},
): Promise<GenerationPrompt<Slot>> {
  const { onEvent, signal, model, threads, precision } = options;
  signal?.throwIfAborted();
  const open = await openFolder(folder, { ...loadingOptions(options), model, threads, precision });
  for (const text of otherModelNotes(open)) onEvent?.({ event: 'note', text });
  return promptHandle(open, undefined, new Lifetime(`the prompt of ${folder}`));
}

function promptHandle<Slot extends string>(
  open: OpenGeneration,
  report: LearnReport<GenerationReport> | undefined,
  lifetime: Lifetime,
): GenerationPrompt<Slot> {
  const { saved, task, generator, maxNewTokens } = open;
  lifetime.own(() => open.close());
  const slots = task.fields as readonly Slot[];
  return {
    ...{ template: saved.template, slots, scores: saved.metrics.at(-1)?.rows ?? [], report, saved },
    ...generates(async () => generator, slots, lifetime, maxNewTokens),
    evaluate: async (rows, { onEvent, signal, columns, targetColumn, table, measureTexts, ...decoding } = {}) => {
      lifetime.check();
      const { report } = await evaluateGenerationPrompt(open, {
        ...{ data: readable(rows), columns, labelColumn: targetColumn, table, mostTexts: measureTexts },
        ...{ seed: decoding.seed, decoding: decodingOf(decoding) },
        onProgress: (done, all) => onEvent?.({ event: 'scoring', what: 'evaluating', done, all }),
        ...(signal && { signal }),
      });
      return report;
    },
    save: async (folder, { overwrite = false } = {}) => {
      checkPromptFolder(folder, { overwrite });
      await writePrompt(folder, saved, { overwrite });
    },
    ...closable(() => lifetime.close()),
  };
}

function generates<Slot extends string>(
  generator: () => Promise<TextGenerator>,
  slots: readonly Slot[],
  lifetime: Lifetime,
  maxNewTokens: number | undefined,
): Generates<Slot> {
  const decoding = (options: GenerateOptions) => ({
    ...(maxNewTokens !== undefined && { maxNewTokens }),
    ...decodingOf(options),
  });
  const generate = async (given: unknown, { onEvent, signal, ...options }: GenerateOptions = {}) => {
    lifetime.check();
    signal?.throwIfAborted();
    const many = isIterable(given) && typeof given !== 'string';
    const texts = (many ? [...(given as Iterable<unknown>)] : [given]).map((text, i) => fieldsOf(text, slots, i + 1));
    const answers = await (await generator()).generate(texts, decoding(options), {
      onProgress: (done, all) => onEvent?.({ event: 'scoring', what: 'generating', done, all }),
      signal,
    });
    return many ? answers : answers[0];
  };
  return {
    generate: generate as Generates<Slot>['generate'],
    stream: (given, { signal, ...options } = {}) => {
      lifetime.check();
      const fields = fieldsOf(given, slots, 1);
      const stream = generator().then((open) => open.stream(fields, decoding(options), signal));
      const answer = stream.then((open) => open.answer);
      answer.catch(() => {}); // who reads the pieces hears of it there
      return {
        answer,
        async *[Symbol.asyncIterator]() {
          yield* await stream;
        },
      };
    },
  };
}

/** A row in memory, whose lists of messages become the text that a file would hold. */
function listsAsText(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    Array.isArray(value) ? JSON.stringify(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Rows of a file as they are; of those in memory, lists of messages as text. */
function readable<Rows extends RowSource | undefined>(rows: Rows): Rows {
  if (rows === undefined || typeof rows === 'string') return rows;
  async function* mapped() {
    for await (const row of rows as AsyncIterable<unknown>) yield listsAsText(row);
  }
  return mapped() as unknown as Rows;
}

function fieldsOf(given: unknown, slots: readonly string[], number: number): Record<string, string> {
  const shown = slots.map((slot) => `${slot}: …`).join(', ');
  if (typeof given === 'string') {
    if (slots.length === 1) return { [slots[0]!]: given };
    throw new SoftpromptError('DATA_ROWS_INVALID', {
      found: `text ${number} is the text ${JSON.stringify(given)} itself`,
      expected: `an object with a value for each slot: { ${shown} }`,
      fix: `Write generate({ ${shown} }).`,
    });
  }
  const values = rowValues(listsAsText(given), number);
  const missing = slots.find((slot) => !values.has(slot));
  if (missing !== undefined) {
    throw new SoftpromptError('FIELD_MISSING', {
      found: `Text ${number} has no '${missing}'; it has ${[...values.keys()].map((name) => `'${name}'`).join(', ') || 'nothing'}`,
      expected: `a value for each slot: ${slots.map((slot) => `{${slot}}`).join(' ')}`,
      fix: 'Name it as the template does.',
    });
  }
  return Object.fromEntries(slots.map((slot) => [slot, values.get(slot) ?? '']));
}
