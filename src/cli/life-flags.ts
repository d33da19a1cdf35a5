import { declareInteractions, ITEM_TABLE } from '../data/data-files.js';
import { declareTable } from '../data/table-options.js';
import { text } from '../options/kind.js';
import { declareOptions } from '../options/option.js';

/** What came since the fit, as people name it. */
export const SINCE = declareOptions({
  ...declareInteractions('what people did since: new interactions alone, or all of them'),
  items: { kind: text('<file>'), about: 'items that are new, or say something else now' },
  ...ITEM_TABLE,
  ...declareTable('the interactions (or of the only file)'),
});
