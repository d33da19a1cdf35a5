import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import type { AttributeTable } from '../interactions/attribute-table.js';
import type { InteractionData } from '../interactions/interaction-data.js';
import type { InteractionSplits, Sequences } from '../interactions/interaction-splits.js';
import { isNumberColumn, readNumber } from '../number-column.js';
import type { OutputColumn, OutputFormat, OutputRow } from '../writing/output-table.js';
import { shortestFloat } from '../writing/shortest-float.js';

/** A table to be written: its columns, and its rows as they are asked for. */
export interface TableContent {
  readonly columns: readonly OutputColumn[];
  readonly rows: () => Iterable<OutputRow>;
}

type Kind = 'interactions' | 'items' | 'users';
type Part = 'train' | 'valid' | 'test';

const RECBOLE_ENDINGS: Readonly<Record<Kind, string>> = { interactions: 'inter', items: 'item', users: 'user' };

/**
 * Where a table goes: `interactions.csv` or `train.csv` in the folder; RecBole's files bear the folder's name, such as
 * `ml/ml.inter` or `ml/ml.train.inter`.
 */
export function outputPath(folder: string, format: OutputFormat, kind: Kind, part?: Part): string {
  if (format !== 'recbole') return join(folder, `${part ?? kind}.${format}`);
  const name = basename(resolve(folder));
  return join(folder, `${part === undefined ? name : `${name}.${part}`}.${RECBOLE_ENDINGS[kind]}`);
}

/** @throws DATA_OUTPUT_EXISTS */
export function checkOutputs(paths: readonly string[], overwrite: boolean): void {
  const existing = overwrite ? undefined : paths.find((path) => existsSync(path));
  if (existing === undefined) return;
  throw new SoftpromptError('DATA_OUTPUT_EXISTS', {
    found: `${existing} exists already`,
    expected: 'a folder without it',
    fix: 'Choose another folder (--out), or allow overwriting (--overwrite).',
  });
}

/** Interactions in the order of their source; times are seconds since 1970. */
export function interactionTable({ users, items, user, item, rating, time }: InteractionData): TableContent {
  return {
    columns: interactionColumns(rating, time),
    *rows() {
      for (let row = 0; row < user.length; row++) {
        yield [
          users[user[row]!]!,
          items[item[row]!]!,
          ...(rating ? [shortestFloat(rating[row]!)] : []),
          ...(time ? [time[row]!] : []),
        ];
      }
    },
  };
}

/** The interactions of a part, user by user, each in the order of time. */
export function sequenceTable({ users, items }: InteractionSplits, part: Sequences): TableContent {
  const { offsets, ratings, times } = part;
  return {
    columns: interactionColumns(ratings, times),
    *rows() {
      for (let user = 0; user < users.length; user++) {
        for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
          yield [
            users[user]!,
            items[part.items[at]!]!,
            ...(ratings ? [shortestFloat(ratings[at]!)] : []),
            ...(times ? [times[at]!] : []),
          ];
        }
      }
    },
  };
}

/**
 * Items or users with their columns; those that hold nothing but numbers become numbers.
 * @throws DATA_COLUMN_REPEATED where a column would be written under the name of the ids
 */
export function attributeTable({ ids, columns }: AttributeTable, of: 'item' | 'user'): TableContent {
  const idName = `${of}_id`;
  if (columns.has(idName)) {
    throw new SoftpromptError('DATA_COLUMN_REPEATED', {
      found: `the ${of}s have a column '${idName}' beside the one that their ids were read from`,
      expected: `'${idName}' to hold the ids, since that is what they are written as`,
      fix: `Name it as the column of the ids, or rename it.`,
    });
  }
  const attributes = [...columns].map(([name, values]) => {
    const type =
      isNumberColumn(values) && !values.some(isInfinite)
        ? 'number'
        : values.some((value) => /\s/.test(value))
          ? 'text'
          : 'id';
    return { name, type, values } as const;
  });
  return {
    columns: [{ name: idName, type: 'id' }, ...attributes],
    *rows() {
      for (const [row, id] of ids.entries()) {
        yield [
          id,
          ...attributes.map(({ type, values }) => {
            const value = values[row]!;
            if (value === '') return null;
            return type === 'number' ? finiteOrNull(value) : value;
          }),
        ];
      }
    },
  };
}

/** JSON has no infinity: a column with one is written as it stands. */
function isInfinite(value: string): boolean {
  const number = readNumber(value);
  return number !== undefined && !Number.isFinite(number) && !Number.isNaN(number);
}

function finiteOrNull(value: string): number | null {
  const number = readNumber(value);
  return number === undefined || Number.isNaN(number) ? null : number;
}

function interactionColumns(rating: unknown, time: unknown): OutputColumn[] {
  return [
    { name: 'user_id', type: 'id' },
    { name: 'item_id', type: 'id' },
    ...(rating ? [{ name: 'rating', type: 'number' } as const] : []),
    ...(time ? [{ name: 'timestamp', type: 'number' } as const] : []),
  ];
}
