import type { TableOptions } from '../data/read-table.js';
import type { RowSource } from '../data/row-source.js';
import { isIterable, rowValues } from '../data/row-source.js';
import { SoftpromptError } from '../errors.js';
import type { ClassificationReport } from '../evaluation/classification-report.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import { type Closable, closable } from '../runtime/closable.js';
import { evaluatePrompt } from '../tasks/evaluate-prompt.js';
import { inspectLearned, type LearnedInspection } from '../tasks/inspection/inspect-learned.js';
import type { InspectOptions } from '../tasks/inspection/inspect-prompt.js';
import { inputFields } from '../tasks/made-rows/text-rows.js';
import { type OpenPrompt, openPrompt as openFolder, otherModelNotes, predict } from '../tasks/open-prompt.js';
import type { SavedPrompt } from '../tasks/prompt-folder/saved-prompt.js';
import { checkPromptFolder, type WriteOptions, writePrompt } from '../tasks/prompt-folder/write-prompt.js';
import type { LearnReport, TuneEvent } from '../tasks/tune-events.js';
import { Lifetime } from './closing.js';
import { loadingOptions, type ModelOptions, type Watching } from './events.js';
import type { Fields, GivenLabel, LabelledRow, RightLabel } from './template-types.js';

/** What a prompt says of one text. */
export interface Prediction<Label extends string = string> {
  readonly label: Label;
  /** The label's word, as the model has it. */
  readonly word: string;
  /** Among the labels. */
  readonly probabilities: { readonly [Key in Label]: number };
}

export interface EvaluateOptions extends Watching<TuneEvent> {
  /** Slot → column, where they differ. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Default: `label`. */
  readonly labelColumn?: string | undefined;
  /** How a file is read. */
  readonly table?: TableOptions | undefined;
  /** Of the bootstrap intervals. Default: 0. */
  readonly seed?: number | undefined;
}

/** A learned prompt on its frozen model. */
export interface Prompt<Slot extends string = string, Label extends string = string> extends Closable {
  readonly template: string;
  readonly slots: readonly Slot[];
  /** In the order of all tables. */
  readonly labels: readonly Label[];
  /** Beside its baselines: on the test rows, or the validation rows where there were none. */
  readonly scores: readonly ScoreRow[];
  /** How it was learned: figures, steps, speed; undefined for one that was opened. */
  readonly report: LearnReport | undefined;
  /** All that its folder says. */
  readonly saved: SavedPrompt;
  /**
   * The label of a text, or of many, in their order. Many are read as they come, but answered together.
   * @throws FIELD_MISSING, DATA_ROWS_INVALID, PROMPT_EMPTY, CLOSED
   */
  predict(text: Fields<Slot>, options?: Watching<TuneEvent>): Promise<Prediction<Label>>;
  predict(
    texts: Iterable<Fields<Slot>> | AsyncIterable<Fields<Slot>>,
    options?: Watching<TuneEvent>,
  ): Promise<Prediction<Label>[]>;
  /**
   * All metrics on rows that say what is right: an iterable, or a file.
   * @throws the errors of loadExamples, CLOSED
   */
  evaluate<Given extends GivenLabel>(
    rows: RowSource<LabelledRow<Slot, Given & RightLabel<Given, Label>>>,
    options?: EvaluateOptions,
  ): Promise<ClassificationReport>;
  /** What can be read off its numbers: the nearest words of each learned token, or which layers are changed, and how far they moved. */
  inspect(options?: InspectOptions): Promise<LearnedInspection>;
  /**
   * Writes the folder that `openPrompt`, the command line and PEFT open; it names the very weights of the base model.
   * @throws PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE
   */
  save(folder: string, options?: Partial<WriteOptions>): Promise<void>;
}

export interface OpenPromptOptions extends ModelOptions {
  /** Another place of the frozen model than the one the prompt was learned with. */
  readonly model?: string | undefined;
}

/**
 * Opens a prompt's folder on the model that it names.
 * @throws PROMPT_FOLDER_INCOMPLETE, PROMPT_TASK, PROMPT_BASE_MODEL, and the errors of `load`
 */
export async function openPrompt<Slot extends string = string, Label extends string = string>(
  folder: string,
  options: OpenPromptOptions = {},
): Promise<Prompt<Slot, Label>> {
  const { onEvent, signal, model, threads } = options;
  signal?.throwIfAborted();
  const open = await openFolder(folder, { ...loadingOptions(options), model, threads });
  for (const text of otherModelNotes(open)) onEvent?.({ event: 'note', text });
  const lifetime = new Lifetime(`the prompt of ${folder}`);
  return promptHandle(open, undefined, lifetime);
}

/** An open prompt with its verbs. @param lifetime ends the network too */
export function promptHandle<Slot extends string, Label extends string>(
  open: OpenPrompt,
  report: LearnReport | undefined,
  lifetime: Lifetime,
): Prompt<Slot, Label> {
  const { saved, task } = open;
  lifetime.own(() => open.close());
  const slots = inputFields(task.compiled.template) as Slot[];
  const answer = async (given: unknown, { onEvent, signal }: Watching<TuneEvent> = {}) => {
    lifetime.check();
    signal?.throwIfAborted();
    const many = isIterable(given);
    const texts: Record<string, string>[] = [];
    for await (const text of many ? (given as AsyncIterable<unknown>) : [given]) {
      texts.push(fieldsOf(text, slots, texts.length + 1));
      signal?.throwIfAborted();
    }
    const scoring = {
      onProgress: (done: number, all: number) => onEvent?.({ event: 'scoring', what: 'predicting', done, all }),
      ...(signal && { signal }),
    };
    const predictions = (await predict(open, texts, scoring)) as unknown as Prediction<Label>[];
    return many ? predictions : predictions[0];
  };
  const handle = {
    template: saved.template,
    slots,
    labels: task.labelKeys as Label[],
    scores: saved.metrics.at(-1)?.rows ?? [],
    report,
    saved,
    predict: answer as Prompt<Slot, Label>['predict'],
    evaluate: async (rows: RowSource, { onEvent, signal, ...options }: EvaluateOptions = {}) => {
      lifetime.check();
      signal?.throwIfAborted();
      return evaluatePrompt(open, {
        data: rows,
        ...options,
        onProgress: (done, all) => onEvent?.({ event: 'scoring', what: 'evaluating', done, all }),
        ...(signal && { signal }),
      });
    },
    inspect: async (options: InspectOptions = {}) => {
      lifetime.check();
      return inspectLearned(saved, task.model, options);
    },
    save: async (folder: string, { overwrite = false }: Partial<WriteOptions> = {}) => {
      checkPromptFolder(folder, { overwrite });
      await writePrompt(folder, saved, { overwrite });
    },
  };
  return { ...handle, ...closable(() => lifetime.close()) };
}

function fieldsOf(text: unknown, slots: readonly string[], number: number): Record<string, string> {
  if (typeof text === 'string') {
    const shown = slots.map((slot) => `${slot}: …`).join(', ');
    throw new SoftpromptError('DATA_ROWS_INVALID', {
      found: `text ${number} is the text ${JSON.stringify(text)} itself`,
      expected: `an object with a value for each slot: { ${shown} }`,
      fix: `Write predict({ ${shown} }), or an array of these.`,
    });
  }
  const values = rowValues(text, number);
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
