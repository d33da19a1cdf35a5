/** One row of a text task: the columns a template's slots read, and the label it should predict, if known. */
export interface Example {
  /** Stable name of the row for reports: its id column, else `file:line`. */
  readonly id: string;
  /** Column name → text. Numbers and booleans arrive as their usual text. */
  readonly fields: Readonly<Record<string, string>>;
  /** The label's key (not its word), or undefined where the row has none. */
  readonly label: string | undefined;
}
