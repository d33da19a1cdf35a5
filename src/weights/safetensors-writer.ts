import type { EmbeddingMatrix } from './embedding-matrix.js';
import { safetensorsHeader } from './safetensors-header.js';

/**
 * A safetensors file with one F32 tensor [tokens, width], byte for byte as the reference library writes it: the header,
 * then the values in little-endian order.
 */
export function encodeSafetensors(name: string, { values, tokens, width }: EmbeddingMatrix): Uint8Array {
  const byteLength = 4 * values.length;
  const header = safetensorsHeader([{ name, dtype: 'F32', shape: [tokens, width], byteLength }]);
  const file = new Uint8Array(header.length + byteLength);
  file.set(header);
  const view = new DataView(file.buffer, header.length);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return file;
}
