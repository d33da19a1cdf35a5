import { z } from 'zod';
import type { HistoryVectors } from './history-vectors.js';

/** By name. */
export type NamedHistoryVectors = ReadonlyMap<string, HistoryVectors>;

/** What a file of arrays does not say of how histories become vectors, by name. */
export const historyVectorsRecord = z.record(
  z.string(),
  z.object({ ids: z.array(z.string()), width: z.int().positive(), norm: z.enum(['length', 'sum']) }),
);

const ARRAYS = ['values', 'weights', 'mean', 'scale'] as const;

const arrayName = (field: string, array: (typeof ARRAYS)[number]) => `${field} ${array}`;

export const recordOfVectors = (vectors: NamedHistoryVectors): z.infer<typeof historyVectorsRecord> =>
  Object.fromEntries(
    Array.from(vectors, ([field, { places, width, norm }]) => [field, { ids: [...places.keys()], width, norm }]),
  );

export const arraysOfVectors = (vectors: NamedHistoryVectors): Record<string, Float32Array> =>
  Object.fromEntries(
    Array.from(vectors).flatMap(([field, own]) => ARRAYS.map((array) => [arrayName(field, array), own[array]])),
  );

/** What `recordOfVectors` and `arraysOfVectors` tell together. @throws RangeError where they do not belong together */
export function vectorsOf(
  record: z.infer<typeof historyVectorsRecord>,
  arrays: Readonly<Record<string, Float32Array>>,
): NamedHistoryVectors {
  return new Map(
    Object.entries(record).map(([field, { ids, width, norm }]): [string, HistoryVectors] => {
      const sizes = { values: ids.length * width, weights: ids.length, mean: width, scale: width };
      const [values, weights, mean, scale] = ARRAYS.map((array) => {
        const found = arrays[arrayName(field, array)];
        if (found?.length === sizes[array]) return found;
        throw new RangeError(`${found?.length ?? 'no'} numbers for the ${sizes[array]} of ${arrayName(field, array)}`);
      });
      const places = new Map(ids.map((id, place) => [id, place]));
      return [field, { places, width, norm, values: values!, weights: weights!, mean: mean!, scale: scale! }];
    }),
  );
}
