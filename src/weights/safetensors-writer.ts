import { safetensorsHeader } from './safetensors-header.js';

/** A float32 tensor to be written. */
export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/**
 * A safetensors file of F32 tensors, byte for byte as the reference library writes it: the header, then the values in
 * little-endian order, the tensors in the order of their names.
 */
export function encodeSafetensors(tensors: readonly FloatTensor[]): Uint8Array {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = safetensorsHeader(
    sorted.map(({ name, shape, values }) => ({ name, dtype: 'F32', shape, byteLength: 4 * values.length })),
  );
  const file = new Uint8Array(header.length + sorted.reduce((sum, { values }) => sum + 4 * values.length, 0));
  file.set(header);
  let at = header.length;
  for (const { values } of sorted) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += 4 * values.length;
  }
  return file;
}
