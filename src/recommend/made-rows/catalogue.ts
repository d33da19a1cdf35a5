import { readableText } from '../../data/interactions/item-titles.js';

/** Texts and attributes by id. */
export interface Catalogue {
  readonly ids: readonly string[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly places: ReadonlyMap<string, number>;
}

export const NOTHING_KNOWN: Catalogue = { ids: [], columns: new Map(), places: new Map() };

export function catalogue({ ids, columns }: Pick<Catalogue, 'ids' | 'columns'>): Catalogue {
  return { ids, columns, places: new Map(ids.map((id, place) => [id, place])) };
}

/** Column → text of an id, on one line; undefined where the catalogue does not have it. */
export function fieldsOf({ places, columns }: Catalogue, id: string): Record<string, string> | undefined {
  const place = places.get(id);
  if (place === undefined) return undefined;
  return Object.fromEntries(Array.from(columns, ([column, values]) => [column, readableText(values[place]!)]));
}

export const cellsOf =
  ({ places, columns }: Catalogue) =>
  (id: string): ((column: string) => string | undefined) | undefined => {
    const place = places.get(id);
    return place === undefined ? undefined : (column) => columns.get(column)?.[place];
  };
