import type { MadeSource, Template } from './template.js';

/** A place of a template whose rows are made of what is known of a user or an item. */
export interface MadePlace {
  readonly of: 'user' | 'item';
  readonly source: MadeSource;
  readonly rows: number;
}

export const madePlaces = ({ parts }: Template): MadePlace[] =>
  parts.flatMap((part) => (part.kind === 'made' ? [{ of: part.of, source: part.source, rows: part.rows }] : []));

export const placeName = ({ of, source }: MadePlace) => `${of}:${source}`;
