import { choice, text, toggle } from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';
import { OUTPUT_FORMATS } from './output-table.js';

/** Where tables are written, and how. */
export const WRITING = declareOptions({
  out: { kind: text('<folder>'), about: 'where the files go', required: 'a folder for the files' },
  format: { kind: choice('<format>', OUTPUT_FORMATS), about: 'their format', flag: 'to', default: 'csv' },
  overwrite: { kind: toggle, about: 'replace files that are already there' },
});
