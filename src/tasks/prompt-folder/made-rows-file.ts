import { concatenate } from '../../concatenate.js';
import { readArrayFile } from '../../methods/array-file.js';
import { mapArrays, type RowMap, withMadeRows } from '../../methods/made-rows.js';
import { NOTHING, namedArrays } from '../../network/trainable.js';
import { madePlaces } from '../../prompt/made-places.js';
import type { Template } from '../../prompt/template.js';
import { encodeSafetensors } from '../../weights/safetensors-writer.js';
import { fieldRows } from '../made-rows/text-rows.js';
import type { SavedRows } from './saved-prompt.js';

/** The arrays of maps, in the order of their numbers. */
const arraysOfMaps = (maps: readonly RowMap[], width: number) => withMadeRows(NOTHING, maps, width).arrays;

/**
 * Maps as a safetensors file: `0 user:items weight` [rows·d, inputs], `0 user:items bias` [rows·d].
 * @param width d
 */
export function encodeRows({ maps, values }: SavedRows, width: number): Uint8Array {
  const arrays = arraysOfMaps(maps, width);
  return encodeSafetensors(
    Object.entries(namedArrays(arrays, values)).map(([name, own]) => ({ name, shape: arrays[name]!, values: own })),
  );
}

/**
 * Reads what `encodeRows` wrote; undefined where the maps are not those of the template.
 * Errors: PROMPT_TENSOR_INVALID, and those of the file itself.
 */
export async function readRows(path: string, template: Template, width: number): Promise<SavedRows | undefined> {
  const file = await readArrayFile(path, (name) => name, 'maps that make rows');
  const places = madePlaces(template);
  const { maps } = fieldRows(
    template,
    places.map((place, i) => file.arrays[mapArrays({ name: `${i} ${place.of}:${place.source}` }).weight]?.[1] ?? 0),
  );
  const wanted = arraysOfMaps(maps, width);
  const isSame =
    Object.keys(wanted).length === Object.keys(file.arrays).length &&
    Object.entries(wanted).every(([name, shape]) => `${file.arrays[name]}` === `${shape}`);
  if (!isSame) return undefined;
  const found = namedArrays(file.arrays, file.values);
  return {
    maps,
    values: concatenate(
      Object.keys(wanted).map((name) => found[name]!),
      Float32Array,
    ),
  };
}
