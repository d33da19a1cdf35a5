/** A tensor of a file to be written. */
export interface TensorEntry {
  readonly name: string;
  /** As the format writes it: `F32`, `F16`, `I32` … */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/**
 * What a safetensors file begins with (https://github.com/huggingface/safetensors, "Format"): 8 bytes of header length,
 * then the JSON header, padded with blanks to a multiple of 8. The tensors' bytes are to follow in the order of
 * `tensors`, without gaps.
 * @param metadata free text by key, which `readSafetensorsHeader` gives back
 */
export function safetensorsHeader(
  tensors: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape, byteLength }) => {
    const start = end;
    end += byteLength;
    return [name, { dtype, shape, data_offsets: [start, end] }];
  });
  const header = { __metadata__: { format: 'pt', ...metadata }, ...Object.fromEntries(entries) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}
