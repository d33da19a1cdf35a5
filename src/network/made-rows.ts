import type { Size } from '../autodiff/size.js';
import { asLearnedToken, learnedToken, type PromptSequence } from '../prompt/sequence.js';
import type { Feed } from '../runtime/program.js';
import type { MadeRows, Trainable } from './trainable.js';

/** The network's input [G, inputs] of a place whose rows are made, and the symbol of G. */
export const givenName = (place: number) => `given${place}`;
export const givenCount = (place: number): Size => `G${place}`;

export interface PooledBatch {
  /** The batch, its made rows numbered among all rows of the batch that are learned or made. */
  readonly batch: readonly PromptSequence[];
  /** How many those are. */
  readonly rows: number;
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/**
 * What the rows of a batch are made of, each vector once, however many sequences share it (the same array): what is known
 * of a user is mapped once for all of his items.
 */
export function poolMadeRows(
  batch: readonly PromptSequence[],
  { rows: learned, made = [] }: Pick<Trainable, 'rows' | 'made'>,
): PooledBatch {
  if (made.length === 0) return { batch, rows: learned, feeds: {}, sizes: {} };
  const distinct = made.map((_, place) => new Map(batch.map(({ given }) => [given![place]!, 0])));
  const feeds: Record<string, Feed> = {};
  const sizes: Record<string, number> = {};
  let rows = learned;
  const starts = distinct.map((vectors, place) => {
    const { inputs, rows: rowsEach } = made[place]!;
    const values = new Float32Array(vectors.size * inputs);
    [...vectors.keys()].forEach((vector, g) => {
      values.set(vector, g * inputs);
      vectors.set(vector, g);
    });
    feeds[givenName(place)] = values;
    sizes[`G${place}`] = vectors.size;
    const start = rows;
    rows += vectors.size * rowsEach;
    return start;
  });
  const places = rowPlaces(made);
  const renumber = (ids: Int32Array, given: readonly Float32Array[]) =>
    ids.map((id) => {
      const at = places[(asLearnedToken(id) ?? -1) - learned];
      if (at === undefined) return id;
      const vector = distinct[at.place]!.get(given[at.place]!)!;
      return learnedToken(starts[at.place]! + vector * made[at.place]!.rows + at.row);
    });
  const renumbered = batch.map(
    ({ context, masked, given, ...rest }): PromptSequence => ({
      ...rest,
      context: renumber(context, given!),
      masked: masked?.map((text) => ({ ...text, ids: renumber(text.ids, given!) })),
    }),
  );
  return { batch: renumbered, rows, feeds, sizes };
}

/** Made row → its place, and which of the place's rows it is. */
function rowPlaces(made: readonly MadeRows[]): { readonly place: number; readonly row: number }[] {
  return made.flatMap(({ rows }, place) => Array.from({ length: rows }, (_, row) => ({ place, row })));
}

/** How many ids all contexts begin with alike, made rows of the same vector included. */
export function commonStart(
  batch: readonly PromptSequence[],
  { rows: learned, made = [] }: Pick<Trainable, 'rows' | 'made'>,
): number {
  const [first, ...others] = batch;
  const places = rowPlaces(made);
  let common = first!.context.length;
  for (const { context, given } of others) {
    let same = 0;
    while (same < common && context[same] === first!.context[same]) {
      const at = places[(asLearnedToken(context[same]!) ?? -1) - learned];
      if (at !== undefined && given![at.place] !== first!.given![at.place]) break;
      same += 1;
    }
    common = same;
  }
  return common;
}

export const madeRowCount = ({ made = [] }: Pick<Trainable, 'made'>): number =>
  made.reduce((sum, { rows }) => sum + rows, 0);
