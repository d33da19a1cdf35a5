import type { TableOptions } from '../data/read-table.js';
import type { RowSource } from '../data/row-source.js';
import { settleChat } from '../network/chat.js';
import type { FrozenModel } from '../network/load-model.js';
import { parseLabels } from '../prompt/labels.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { adoptPeftPrompt } from '../tasks/adopt-prompt.js';
import { learnPrompt } from '../tasks/learn-prompt.js';
import { type OpenPrompt, promptOnModel } from '../tasks/open-prompt.js';
import { loadTaskData } from '../tasks/task-data.js';
import { templateFields } from '../tasks/template-fields.js';
import { dataEvent, type LearnReport, modelEvent, type TuneEvent } from '../tasks/tune-events.js';
import { type LearnOptions, learnPlan } from '../tasks/tune-options.js';
import { Lifetime } from './closing.js';
import type { Watching } from './events.js';
import { type Prompt, promptHandle } from './prompt.js';
import type { GivenLabel, LabelledRow, RightLabel } from './template-types.js';

/** Every option of `softprompt tune` but its files; see docs/conventions.md for what the numbers mean. */
export interface TuneOptions<Slot extends string = string>
  extends Omit<LearnOptions, 'template' | 'labels'>,
    Watching<TuneEvent> {
  /** Rows to choose the best prompt by. Default: `validShare` of the rows. */
  readonly valid?: RowSource<LabelledRow<Slot, GivenLabel>> | undefined;
  /** Rows that are scored once, at the end. */
  readonly test?: RowSource<LabelledRow<Slot, GivenLabel>> | undefined;
  /** How files of rows are read. */
  readonly table?: TableOptions | undefined;
}

/** A template with its labels on a frozen model. */
export interface ClassificationTask<Slot extends string = string, Label extends string = string> {
  readonly template: string;
  readonly slots: readonly Slot[];
  readonly labels: readonly Label[];
  /**
   * Learns a prompt from labelled rows: any iterable or async iterable of objects, or the path of a CSV, TSV, JSONL or
   * Parquet file. Nothing is written until the prompt is saved.
   * @throws NOTHING_TO_LEARN, TUNING_SETTING, INITIALISATION, the errors of loadExamples, CLOSED; the signal's reason
   */
  tune<Given extends GivenLabel>(
    rows: RowSource<LabelledRow<Slot, Given & RightLabel<Given, Label>>>,
    options?: TuneOptions<Slot>,
  ): Promise<Prompt<Slot, Label>>;
  /** A prompt that PEFT saved. @throws the errors of adoptPeftPrompt, CLOSED */
  fromPeft(folder: string): Promise<Prompt<Slot, Label>>;
}

interface OpenModel {
  readonly source: string;
  readonly frozen: FrozenModel;
  readonly threads: number | undefined;
  readonly lifetime: Lifetime;
}

export function classificationTask<Slot extends string, Label extends string>(
  { source, frozen, threads, lifetime }: OpenModel,
  template: string,
  labels: Readonly<Record<string, string>>,
): ClassificationTask<Slot, Label> {
  const slots = templateFields(parseTemplate(template));
  const labelKeys = [...parseLabels(labels).keys()];
  /** A prompt that is closed with its model, if not before. */
  const handleOf = (open: OpenPrompt, report: LearnReport | undefined) => {
    const own = new Lifetime('the prompt');
    const forget = lifetime.own(() => own.close());
    own.own(async () => forget());
    return promptHandle<Slot, Label>(open, report, own);
  };
  return {
    template,
    slots: slots as Slot[],
    labels: labelKeys as Label[],
    tune: async (rows: RowSource, { onEvent, signal, valid, test, table, ...given }: TuneOptions<Slot> = {}) => {
      lifetime.check();
      signal?.throwIfAborted();
      const plan = await settleChat(learnPlan({ threads, ...given, template, labels }), frozen);
      onEvent?.(modelEvent(source, frozen));
      const data = await loadTaskData({ train: rows, valid, test, table, signal }, plan, slots, labelKeys);
      onEvent?.(dataEvent(data));
      const { saved, report } = await learnPrompt(frozen, data, plan, { onEvent, signal });
      if (saved === undefined) throw signal?.reason;
      return handleOf(promptOnModel(saved, frozen, { threads: plan.threads }), report);
    },
    fromPeft: async (folder: string) => {
      lifetime.check();
      return handleOf(await adoptPeftPrompt(folder, frozen, { threads, template, labels }), undefined);
    },
  };
}
