import type { Example } from '../../data/example.js';
import { SoftpromptError } from '../../errors.js';
import type { RowMap } from '../../methods/made-rows.js';
import { type MadePlace, madePlaces, placeName } from '../../prompt/made-places.js';
import type { Template } from '../../prompt/template.js';
import { templateFields } from '../template-fields.js';

/** Rows of the prompt that are made anew for each text, such as `[user:vector]`. */
export interface TextRows {
  /** A map a place of the template, in order. */
  readonly maps: readonly RowMap[];
  /** What the rows of a text are made of, place by place. */
  give(text: Pick<Example, 'id' | 'fields'>): readonly Float32Array[];
}

/** The fields that hold what a template's rows are made of, each once: `user:items`, a JSON list of numbers. */
export const rowFields = (template: Template): string[] => [...new Set(madePlaces(template).map(placeName))];

/** All that an example of a template must have: the texts of its slots, and what its rows are made of. */
export const inputFields = (template: Template): string[] => [...templateFields(template), ...rowFields(template)];

/** What stands for any example: an empty text would hide what is before it. */
export const sampleFields = (template: Template): Record<string, string> =>
  Object.fromEntries([
    ...templateFields(template).map((field) => [field, 'a']),
    ...rowFields(template).map((field) => [field, '']),
  ]);

/** A vector as the field of an example; seven digits are what a float32 holds. */
export const vectorField = (vector: Float32Array): string =>
  JSON.stringify(Array.from(vector, (x) => Number(x.toPrecision(7))));

/** Rows that linear maps make of the numbers in the examples' own fields; an empty field tells nothing: all zeros. */
export function fieldRows(template: Template, widths: readonly number[]): TextRows {
  const places = madePlaces(template);
  return {
    maps: places.map((place, i) => ({
      ...{ name: mapName(place, i), rows: place.rows },
      ...{ inputs: widths[i]!, hidden: 0 },
    })),
    give: ({ id, fields }) =>
      places.map((place, i) => readVector(id, placeName(place), fields[placeName(place)], widths[i]!)),
  };
}

const mapName = (place: MadePlace, number: number) => `${number} ${placeName(place)}`;

/** How many numbers each place's vectors have, as the first example has them. @throws FIELD_MISSING */
export function widthsOf(template: Template, [example]: readonly Pick<Example, 'id' | 'fields'>[]): number[] {
  return madePlaces(template).map((place) => {
    const field = placeName(place);
    return readVector(example?.id ?? '1', field, example?.fields[field] || undefined).length;
  });
}

function readVector(id: string, field: string, text: string | undefined, width?: number): Float32Array {
  if (text === '' && width !== undefined) return new Float32Array(width);
  const wrong = (found: string) =>
    new SoftpromptError('FIELD_MISSING', {
      found: `Example ${id}: ${found}`,
      expected: `as many numbers as others have, as a JSON list in '${field}', of which the rows [${field}] are made`,
      fix: 'Ask a profile by item ids: `npx softprompt recommend profile predict FOLDER --history A,B,C`.',
    });
  if (text === undefined) throw wrong(`it has no '${field}'`);
  let numbers: unknown;
  try {
    numbers = JSON.parse(text);
  } catch {
    throw wrong(`'${field}' is ${JSON.stringify(text.slice(0, 40))}`);
  }
  if (!Array.isArray(numbers) || !numbers.every((x) => typeof x === 'number') || numbers.length === 0) {
    throw wrong(`'${field}' is ${text.slice(0, 40)}`);
  }
  if (width !== undefined && numbers.length !== width) throw wrong(`'${field}' holds ${numbers.length} numbers`);
  return Float32Array.from(numbers);
}
