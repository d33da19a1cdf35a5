import { text, textByName } from '../options/kind.js';
import { declareOptions } from '../options/option.js';
import { parseFieldColumns } from './load-examples.js';

/** How the examples of a text task lie in a table. */
export const EXAMPLES = declareOptions({
  columns: {
    kind: textByName('<field=column>', 'a column by each field', parseFieldColumns, true),
    about: 'column that a slot of the template reads; repeatable',
    flag: 'field',
  },
  labelColumn: { kind: text('<name>'), about: 'column of the label', auto: 'label' },
});

/** The same of a prompt, which remembers the columns that it was tuned on. */
export const EXAMPLES_AS_TUNED = declareOptions({
  columns: { ...EXAMPLES.columns, auto: 'as tuned' },
  labelColumn: { ...EXAMPLES.labelColumn, auto: 'as tuned, or label' },
});
