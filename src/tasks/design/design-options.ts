import { TABLE } from '../../data/table-options.js';
import { count, positive, text } from '../../options/kind.js';
import { declareOptions, type Given, type Plan } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import { folderFor } from '../infer-task.js';
import { LEARN, labelWords, TUNE } from '../tune-options.js';

/** Everything a user can say about the design of a prompt. */
export const DESIGN = declareOptions({
  train: TUNE.train,
  model: { kind: text('<model>'), about: TUNE.model.about, default: 'embedded' },
  valid: TUNE.valid,
  test: TUNE.test,
  out: { kind: text('<folder>'), about: 'where the prompt goes', auto: "the training file's name with -designed" },
  overwrite: TUNE.overwrite,
  minutes: { kind: positive('<minutes>'), about: 'for all of it: comparing forms, and learning the best', default: 10 },
  template: { kind: text('<template>'), about: 'a form of your own, compared with those that are proposed' },
  labels: { kind: labelWords, about: 'label → word of your own, JSON, compared with those that the model proposes' },
  tokens: { kind: count(1000), about: 'learned tokens in front of the form', default: 20 },
  shots: TUNE.shots,
  validShare: TUNE.validShare,
  columns: LEARN.columns,
  labelColumn: { ...LEARN.labelColumn, auto: 'found by its name and values' },
  maxLength: TUNE.maxLength,
  batchSize: TUNE.batchSize,
  maxSteps: { kind: count(), about: 'updates of the last learning', auto: 'as tune has it, if the minutes allow it' },
  seed: TUNE.seed,
  threads: TUNE.threads,
  table: TABLE,
});

/** Plain JSON. */
export type DesignOptions = Given<typeof DESIGN>;
export type DesignPlan = Plan<typeof DESIGN> & { readonly out: string };

/** @throws TUNING_SETTING */
export function designPlan(given: DesignOptions): DesignPlan {
  const plan = settle(DESIGN, given, 'TUNING_SETTING');
  return { ...plan, out: plan.out ?? folderFor(plan.train, 'designed') };
}
