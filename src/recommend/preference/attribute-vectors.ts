import type { AttributeTable } from '../../data/interactions/attribute-table.js';
import { titleColumn } from '../../data/interactions/item-titles.js';
import { isNumberColumn, readNumber } from '../../data/number-column.js';

/** How attributes become numbers: plain JSON. */
export type AttributeCode =
  | { readonly kind: 'number'; readonly column: string; readonly mean: number; readonly deviation: number }
  /** A number for each value; several in one cell are separated by `|` or `,`. */
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly string[] }
  /** The year in parentheses that ends titles. */
  | { readonly kind: 'year'; readonly column: string; readonly mean: number; readonly deviation: number };

const MOST_VALUES = 32;
const FEWEST_WITH_VALUE = 2;
const YEAR = /\(\s*(?:\d{4}\s*[-–]\s*)?((?:1[5-9]|2[01])\d{2})\s*\)\s*$/;

/** Learns the codes of a table's columns. Columns of free text have none, but for a year that ends most titles. */
export function attributeCodes({ columns }: AttributeTable): AttributeCode[] {
  const title = titleColumn(columns);
  return Array.from(columns, ([column, cells]): AttributeCode | undefined => {
    const given = cells.filter((cell) => cell.trim() !== '');
    if (given.length === 0) return undefined;
    if (column === title) return yearCode(column, given);
    if (isNumberColumn(given) && new Set(given).size > 8) {
      return { kind: 'number', column, ...spread(given.map((cell) => readNumber(cell)!)) };
    }
    const counts = new Map<string, number>();
    for (const cell of given) for (const value of valuesOf(cell)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const frequent = [...counts].filter(([, count]) => count >= FEWEST_WITH_VALUE).sort((a, b) => b[1] - a[1]);
    const covered = frequent.slice(0, MOST_VALUES).map(([value]) => value);
    // names and sentences hardly repeat
    if (covered.length < 2 || counts.size > given.length / 2 + 2) return undefined;
    return { kind: 'values', column, values: covered.sort() };
  }).filter((code) => code !== undefined);
}

export function attributeWidth(codes: readonly AttributeCode[]): number {
  return codes.reduce((sum, code) => sum + (code.kind === 'values' ? code.values.length : 1), 0);
}

/** Values that were never seen, and missing ones, are 0. @param row by column */
export function attributeVector(
  codes: readonly AttributeCode[],
  row: (column: string) => string | undefined,
): Float32Array {
  return Float32Array.from(
    codes.flatMap((code) => {
      const cell = row(code.column)?.trim() ?? '';
      if (code.kind === 'values') {
        const values = new Set(valuesOf(cell));
        return code.values.map((value) => Number(values.has(value)));
      }
      const number =
        code.kind === 'year' ? Number(YEAR.exec(cell)?.[1] ?? Number.NaN) : (readNumber(cell) ?? Number.NaN);
      return Number.isFinite(number) ? [Math.max(-4, Math.min(4, (number - code.mean) / code.deviation))] : [0];
    }),
  );
}

function yearCode(column: string, titles: readonly string[]): AttributeCode | undefined {
  const years = titles.flatMap((title) => YEAR.exec(title)?.[1] ?? []).map(Number);
  return years.length < titles.length / 2 ? undefined : { kind: 'year', column, ...spread(years) };
}

const valuesOf = (cell: string) =>
  cell
    .split(/[|,;]/)
    .map((value) => value.trim())
    .filter((value) => value !== '');

function spread(numbers: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const finite = numbers.filter(Number.isFinite);
  const mean = finite.reduce((sum, x) => sum + x, 0) / Math.max(1, finite.length);
  const variance = finite.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, finite.length);
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
