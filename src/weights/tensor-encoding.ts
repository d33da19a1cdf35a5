import { SoftpromptError } from '../errors.js';
import { type BlockDecoder, decodeQ4_0, decodeQ4_1, decodeQ5_0, decodeQ5_1, decodeQ8_0 } from './gguf-dequantize.js';
import {
  decodeIQ4_NL,
  decodeIQ4_XS,
  decodeQ2_K,
  decodeQ3_K,
  decodeQ4_K,
  decodeQ5_K,
  decodeQ6_K,
} from './gguf-dequantize-k.js';
import { halfToFloatBits } from './half-float.js';
import type { StoredTensor } from './stored-tensor.js';

/** How a number type lays values out: blocks of `values` numbers in `bytes` bytes. */
export interface Encoding {
  readonly values: number;
  readonly bytes: number;
  readonly decode: BlockDecoder;
}

/** Every number type that can become float32. */
export const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ['F32', { values: 1, bytes: 4, decode: decodeF32 }],
  ['F16', { values: 1, bytes: 2, decode: decodeF16 }],
  ['BF16', { values: 1, bytes: 2, decode: decodeBF16 }],
  ['Q8_0', { values: 32, bytes: 34, decode: decodeQ8_0 }],
  ['Q4_0', { values: 32, bytes: 18, decode: decodeQ4_0 }],
  ['Q4_1', { values: 32, bytes: 20, decode: decodeQ4_1 }],
  ['Q5_0', { values: 32, bytes: 22, decode: decodeQ5_0 }],
  ['Q5_1', { values: 32, bytes: 24, decode: decodeQ5_1 }],
  ['Q2_K', { values: 256, bytes: 84, decode: decodeQ2_K }],
  ['Q3_K', { values: 256, bytes: 110, decode: decodeQ3_K }],
  ['Q4_K', { values: 256, bytes: 144, decode: decodeQ4_K }],
  ['Q5_K', { values: 256, bytes: 176, decode: decodeQ5_K }],
  ['Q6_K', { values: 256, bytes: 210, decode: decodeQ6_K }],
  ['IQ4_NL', { values: 32, bytes: 18, decode: decodeIQ4_NL }],
  ['IQ4_XS', { values: 256, bytes: 136, decode: decodeIQ4_XS }],
]);

/** The encoding of a tensor. Errors: TENSOR_TYPE_UNSUPPORTED. */
export function encodingOf(tensor: StoredTensor): Encoding {
  const encoding = ENCODINGS.get(tensor.dtype);
  if (encoding === undefined) throw unsupportedTensorType(tensor.file, tensor.name, tensor.dtype);
  return encoding;
}

/** Float32 values of whole blocks of `encoding`. */
export function decodeValues(encoding: Encoding, bytes: Uint8Array): Float32Array {
  const values = new Float32Array((bytes.length / encoding.bytes) * encoding.values);
  encoding.decode(bytes, values);
  return values;
}

/** The error for a number type that cannot become float32. */
export function unsupportedTensorType(file: string, tensor: string, dtype: string): SoftpromptError {
  return new SoftpromptError('TENSOR_TYPE_UNSUPPORTED', {
    found: `Tensor '${tensor}' of ${file} has the number type ${dtype}`,
    expected: `one of ${[...ENCODINGS.keys()].join(', ')}`,
    fix: 'Use the same model saved in one of these types.',
  });
}

function decodeF32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
}

// Both 16-bit types write bits, not numbers, so that even the payload of a NaN survives.
function decodeF16(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  const widened = halfToFloatBits();
  for (let i = 0; i < bits.length; i++) bits[i] = widened[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
}

function decodeBF16(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
}
