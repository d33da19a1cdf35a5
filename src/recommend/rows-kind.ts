import { isIterable, type RowSource } from '../data/row-source.js';
import { type Kind, text } from '../options/kind.js';

/** A file, or rows in memory. */
export const rows: Kind<RowSource> = {
  ...text('<file>'),
  read: (texts) => texts.at(-1),
  expected: 'a file, or rows',
  holds: (value) => typeof value === 'string' || isIterable(value),
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'object' } }] },
};
