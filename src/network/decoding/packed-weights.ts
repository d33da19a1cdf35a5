import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackedMatrices, PackedMatrix, WeightPlace } from '../../autodiff/emit-onnx.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { defaultCacheFolder } from '../../files/cache-folder.js';
import type { Checkpoint, WeightLocation } from '../checkpoint/checkpoint.js';

/** Numbers of a row that share a scale, the first that divides it: beside each block the kernel reads 8 bytes more, and reading is what takes its time. */
const BLOCKS = [64, 32];
/** What stands for 0. */
const ZERO = 128;
/** To be raised when the layout changes. */
const VERSION = 2;

/**
 * A checkpoint's matrices in 8 bits, in a file of the cache that is made where it is not there: each block of a row has
 * a scale, its largest number / 127. Products that read them are several times as fast and a little less exact.
 */
export async function packedWeights(
  checkpoint: Checkpoint,
  cacheFolder = defaultCacheFolder(),
): Promise<PackedMatrices> {
  const matrices = [...checkpoint.weights.values()]
    .filter(({ shape }) => shape.length === 2 && blockOf(shape) !== undefined)
    .sort((a, b) => (a.file === b.file ? a.offset - b.offset : a.file < b.file ? -1 : 1));
  const plan = JSON.stringify(matrices.map(({ name, shape }) => [name, shape]));
  const key = createHash('sha256').update(checkpoint.hash).update(plan).digest('hex');
  const file = join(cacheFolder, 'weights', `${key}-int8-v${VERSION}`);
  const places = layOut(matrices, file);
  const size = await stat(file).then(
    ({ size }) => size,
    () => -1,
  );
  if (size !== places.byteLength) await write(file, matrices, places.of);
  return (name) => {
    const parts = name.split(' + ').map((part) => places.of.get(part));
    return parts.includes(undefined) ? undefined : joined(name, parts as PackedMatrix[]);
  };
}

const blockOf = (shape: readonly number[]) => BLOCKS.find((block) => shape[1]! % block === 0);

/** All bytes first, then all scales, so that neighbours stay neighbours. */
function layOut(matrices: readonly WeightLocation[], file: string) {
  const of = new Map<string, PackedMatrix>();
  let values = 0;
  let scales = matrices.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  for (const { name, shape } of matrices) {
    const numbers = shape[0]! * shape[1]!;
    const block = blockOf(shape)!;
    const byteLength = (4 * numbers) / block;
    of.set(name, {
      block,
      values: { name: `${name} in 8 bits`, shape, file, offset: values, byteLength: numbers },
      scales: { name: `${name} scales`, shape: [numbers / block], file, offset: scales, byteLength },
    });
    values += numbers;
    scales += byteLength;
  }
  return { of, byteLength: scales };
}

/** Several matrices that lie side by side as one; undefined where they do not. */
function joined(name: string, parts: readonly PackedMatrix[]): PackedMatrix | undefined {
  const join = (of: (part: PackedMatrix) => WeightPlace, kind: string): WeightPlace | undefined => {
    const first = of(parts[0]!);
    let end = first.offset;
    for (const part of parts) {
      if (of(part).offset !== end) return undefined;
      end += of(part).byteLength;
    }
    const rows = parts.reduce((sum, part) => sum + of(part).shape[0]!, 0);
    const shape = [rows, ...first.shape.slice(1)];
    return { name: `${name} ${kind}`, shape, file: first.file, offset: first.offset, byteLength: end - first.offset };
  };
  const values = join((part) => part.values, 'in 8 bits');
  const scales = join((part) => part.scales, 'scales');
  return values && scales && { block: parts[0]!.block, values, scales };
}

async function write(
  path: string,
  matrices: readonly WeightLocation[],
  places: ReadonlyMap<string, PackedMatrix>,
): Promise<void> {
  await writeFileAtomically(path, async (out) => {
    for (const matrix of matrices) {
      const { values, scales } = pack(await read(matrix), blockOf(matrix.shape)!);
      const place = places.get(matrix.name)!;
      await writeFully(out, values, place.values.offset);
      await writeFully(out, new Uint8Array(scales.buffer), place.scales.offset);
    }
  });
}

function pack(numbers: Float32Array, size: number): { readonly values: Uint8Array; readonly scales: Float32Array } {
  const values = new Uint8Array(numbers.length);
  const scales = new Float32Array(numbers.length / size);
  for (let block = 0; block < scales.length; block++) {
    const start = block * size;
    let most = 0;
    for (let i = start; i < start + size; i++) most = Math.max(most, Math.abs(numbers[i]!));
    const scale = most === 0 ? 1 : most / 127;
    scales[block] = scale;
    for (let i = start; i < start + size; i++) values[i] = Math.round(numbers[i]! / scale) + ZERO;
  }
  return { values, scales };
}

async function read({ file, offset, byteLength }: WeightLocation): Promise<Float32Array> {
  const numbers = new Float32Array(byteLength / 4);
  const bytes = new Uint8Array(numbers.buffer);
  const handle = await open(file);
  try {
    for (let at = 0; at < byteLength; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(byteLength - at, 2 ** 30), offset + at);
      if (bytesRead === 0) throw new Error(`${file} ends too early`);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return numbers;
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
