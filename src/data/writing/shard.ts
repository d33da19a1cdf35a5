import { basename, dirname, extname, join } from 'node:path';
import type { Kind } from '../../options/kind.js';

/** One of the parts of equal size that a batch is cut into. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

const read = (text: string): Shard | undefined => {
  const [, index, count] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? [];
  return index === undefined || Number(index) > Number(count)
    ? undefined
    : { index: Number(index), count: Number(count) };
};

/** `3/8`: the third of eight. */
export const shardKind: Kind<Shard> = {
  sign: '<i/n>',
  expected: 'a part and their number, such as 1/8 to 8/8',
  read: (texts) => read(texts.at(-1) ?? ''),
  holds: (value) => {
    const { index, count } = (value ?? {}) as Partial<Shard>;
    return read(`${index}/${count}`) !== undefined;
  },
  json: {
    type: 'object',
    properties: { index: { type: 'integer', minimum: 1 }, count: { type: 'integer', minimum: 1 } },
    required: ['index', 'count'],
  },
};

/** Which of so many rows are a shard's: first, and the first behind them. */
export function shardRange(rows: number, { index, count }: Shard): readonly [start: number, end: number] {
  return [Math.floor(((index - 1) * rows) / count), Math.floor((index * rows) / count)];
}

/** `lists.parquet` → `lists-00003-of-00008.parquet` */
export function shardPath(path: string, { index, count }: Shard): string {
  const ending = extname(path);
  const number = (n: number) => String(n).padStart(5, '0');
  return join(dirname(path), `${basename(path, ending)}-${number(index)}-of-${number(count)}${ending}`);
}
