/** One row of a data file, every value as text. */
export interface TableRow {
  /** Where it begins: its line, from 1, in a text file; its row, from 1, in Parquet and in a JSON array. */
  readonly number: number;
  /** Column name → text; null where the format knows a null. */
  readonly values: ReadonlyMap<string, string | null>;
}
