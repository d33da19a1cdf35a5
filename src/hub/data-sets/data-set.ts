import type { TableContent } from '../../data/preparation/output-files.js';

/** A table that a set becomes: file name and content. */
export interface DataSetTable {
  readonly file: string;
  readonly content: TableContent;
}

/** A public data set as its publisher offers it: one zip. */
export interface DataSet {
  readonly name: string;
  readonly about: string;
  readonly url: string;
  /** MD5 of the zip (hex); undefined where the publisher renews it and lays the digest beside it, as URL.md5. */
  readonly md5: string | undefined;
  readonly mebibytes: number;
  readonly terms: string;
  readonly citation: string;
  /** Files of the zip that are read. */
  readonly members: readonly string[];
  /** @param path where a member was unpacked to */
  readonly tables: (path: (member: string) => string) => Promise<readonly DataSetTable[]>;
  /** What to try next, with the folder in its place. */
  readonly next: (folder: string) => string;
}
