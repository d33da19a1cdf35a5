import { SoftpromptError } from '../errors.js';
import { readSafetensorsHeader, readTensorAsFloat32 } from '../weights/safetensors.js';
import type { LearnedShape } from './method.js';

const DTYPES = ['F32', 'F16', 'BF16'];

/**
 * Reads a safetensors file that holds learned arrays and nothing else, as F32, F16 or BF16: flat, in the order of the
 * arrays' names.
 * @param nameOf the array that a tensor is; undefined for a foreign one
 * @param wanted what such a file holds, for people
 * Errors: PROMPT_TENSOR_INVALID; SAFETENSORS_INVALID and MODEL_FILE_UNREADABLE of the file itself.
 */
export async function readArrayFile(
  path: string,
  nameOf: (tensor: string) => string | undefined,
  wanted: string,
): Promise<Pick<LearnedShape, 'arrays'> & { readonly values: Float32Array }> {
  const file = await readSafetensorsHeader(path);
  const found = [...file.tensors].map(([tensor, { dtype, shape }]) => {
    const array = nameOf(tensor);
    if (array === undefined) throw invalid(path, `it holds ${tensor}`, wanted);
    if (!DTYPES.includes(dtype)) throw invalid(path, `${tensor} has the number type ${dtype}`, DTYPES.join(', '));
    const size = shape.reduce((product, length) => product * length, 1);
    if (size === 0 || shape.length === 0) {
      throw invalid(path, `${tensor} has the shape [${shape.join(', ')}]`, 'at least one number');
    }
    return { tensor, array, shape, size };
  });
  if (found.length === 0) throw invalid(path, 'it holds nothing', wanted);
  found.sort((a, b) => (a.array < b.array ? -1 : 1));
  const values = new Float32Array(found.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { tensor, size } of found) {
    values.set(await readTensorAsFloat32(file, tensor), at);
    at += size;
  }
  const arrays = Object.fromEntries(found.map(({ array, shape }) => [array, shape]));
  checkFinite({ arrays, values }, path);
  return { arrays, values };
}

/** Checks that every value is a finite number. `where` names the arrays. Errors: PROMPT_TENSOR_INVALID. */
export function checkFinite(
  { arrays, values }: Pick<LearnedShape, 'arrays'> & { readonly values: Float32Array },
  where: string,
): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return;
  let at = 0;
  for (const [name, shape] of Object.entries(arrays)) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (wrong < at + size) {
      const row = Math.floor((wrong - at) / shape.at(-1)!);
      throw invalid(where, `row ${row} of ${name} holds ${values[wrong]}`, 'finite numbers');
    }
    at += size;
  }
}

function invalid(where: string, found: string, expected: string): SoftpromptError {
  return new SoftpromptError('PROMPT_TENSOR_INVALID', {
    found: `${where} holds nothing that was learned: ${found}`,
    expected,
    fix: 'Tune again, or take an undamaged copy.',
  });
}
