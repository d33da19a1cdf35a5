import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { copyExactly, readExactly, withOpenFile } from '../files/read-bytes.js';
import { readSafetensorsHeader } from './safetensors.js';
import { safetensorsHeader } from './safetensors-header.js';
import type { StoredTensor } from './stored-tensor.js';

/** Numbers by name: float32 or int32, flat. */
export type NamedArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/** The same, some of them still in the file that they are copied from. */
export type WritableArrays = Readonly<Record<string, Float32Array | Int32Array | StoredTensor>>;

/**
 * Writes arrays as a safetensors file of one axis each; never leaves a torn file.
 * @param metadata free text by key, which `readSafetensorsHeader` gives back
 */
export async function writeTensorFile(
  path: string,
  arrays: WritableArrays,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors = Object.entries(arrays).map(([name, array]) => {
    if ('file' in array) return { ...array, name };
    const dtype = array instanceof Float32Array ? 'F32' : 'I32';
    return { name, dtype, shape: [array.length], byteLength: array.byteLength };
  });
  await writeFileAtomically(path, async (file) => {
    await file.writeFile(safetensorsHeader(tensors, metadata));
    for (const array of Object.values(arrays)) {
      if ('file' in array)
        await withOpenFile(array.file, (from) => copyExactly(from, array.offset, array.byteLength, file));
      else await file.writeFile(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  });
}

/** Reads what `writeTensorFile` wrote. Errors: SAFETENSORS_INVALID, MODEL_FILE_UNREADABLE, TENSOR_TYPE_UNSUPPORTED. */
export async function readTensorFile(path: string): Promise<Record<string, Float32Array | Int32Array>> {
  return (await readTensorFileExcept(path, () => false)).arrays;
}

/** The same, but for arrays that are left in the file. */
export async function readTensorFileExcept(
  path: string,
  isLeft: (name: string) => boolean,
): Promise<{
  readonly arrays: Record<string, Float32Array | Int32Array>;
  readonly left: Readonly<Record<string, StoredTensor>>;
}> {
  const { tensors } = await readSafetensorsHeader(path);
  const arrays: Record<string, Float32Array | Int32Array> = {};
  const left: Record<string, StoredTensor> = {};
  await withOpenFile(path, async (file) => {
    for (const [name, tensor] of tensors) {
      const { dtype, offset, byteLength } = tensor;
      if (dtype !== 'F32' && dtype !== 'I32') {
        throw new SoftpromptError('TENSOR_TYPE_UNSUPPORTED', {
          found: `${path} has the tensor '${name}' of type ${dtype}`,
          expected: 'F32 or I32',
          fix: 'Take an undamaged copy of the folder.',
        });
      }
      if (isLeft(name)) {
        left[name] = tensor;
        continue;
      }
      const { buffer } = await readExactly(file, offset, byteLength);
      arrays[name] = dtype === 'F32' ? new Float32Array(buffer) : new Int32Array(buffer);
    }
  });
  return { arrays, left };
}
