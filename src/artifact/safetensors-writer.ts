import type { EmbeddingMatrix } from './saved-prompt.js';

/**
 * A safetensors file with one F32 tensor [tokens, width], byte for byte as the reference library writes it: 8 bytes of
 * header length, a JSON header padded with spaces to a multiple of 8, the values in little-endian order.
 */
export function encodeSafetensors(name: string, { values, tokens, width }: EmbeddingMatrix): Uint8Array {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    [name]: { dtype: 'F32', shape: [tokens, width], data_offsets: [0, 4 * values.length] },
  });
  const text = new TextEncoder().encode(header);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + 4 * values.length).fill(0x20, 8);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, 8);
  values.forEach((value, i) => {
    view.setFloat32(8 + headerBytes + 4 * i, value, true);
  });
  return file;
}
