import { declareInteractions, ITEM_TABLE } from '../../data/data-files.js';
import { declareTable } from '../../data/table-options.js';
import { text, toggle } from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';

/** What came since the fit, as people name it. */
export const SINCE = declareOptions({
  ...declareInteractions('interactions since the fit, or all of them'),
  items: { kind: text('<file>'), about: 'items that are new, or say something else now' },
  ...ITEM_TABLE,
  ...declareTable('the interactions (or of the only file)'),
});

/** Who is forgotten, beside their ids. */
export const FORGETTING = declareOptions({
  skipUnknown: { kind: toggle, about: 'leave unknown users out' },
});

/** What is not recommended any more. */
export const WITHDRAWALS = declareOptions({
  withdraw: { kind: text('<ids>'), about: 'items not to recommend any more: a file of ids, a,b,c or a JSON list' },
  withdrawMissing: { kind: toggle, about: 'withdraw the items that the table of --items lacks' },
});
