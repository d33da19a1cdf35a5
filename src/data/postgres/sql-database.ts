/** A value that a statement takes or a row holds. */
export type SqlValue = string | number | bigint | boolean | Date | null | readonly string[] | readonly number[];

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What runs one statement; `$1`, `$2`, … stand for the parameters. */
export interface SqlSession {
  query<Row extends SqlRow>(statement: string, parameters?: readonly SqlValue[]): Promise<Row[]>;
  /** The columns of a statement's rows, with the numbers of their types; it runs, so let it be one without rows. */
  columns(statement: string): Promise<readonly { readonly name: string; readonly type: number }[]>;
}

/** A PostgreSQL database, in this process or elsewhere. */
export interface SqlDatabase extends SqlSession {
  /** What it is called in messages, without a password. */
  readonly name: string;
  /** Runs `use` in one transaction, which holds when it resolves and leaves no trace when it rejects. */
  transaction<T>(use: (session: SqlSession) => Promise<T>): Promise<T>;
  /** A connection of one's own, until it is given back. */
  lend(): Promise<SqlSession & { giveBack(): Promise<void> }>;
  close(): Promise<void>;
}
