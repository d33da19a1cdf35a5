import { isUtf8 } from 'node:buffer';
import { readFileBytes } from '../files/file-bytes.js';
import { isParquet } from './foreign-file.js';
import { decode, decoderOf, likelyEncoding, utf16Kind } from './text-encoding.js';

/** Bytes that are looked at. */
const LOOKED_AT = 2 ** 22;
const LINE_FEED = 0x0a;

/**
 * The encoding to name for a text file that is neither UTF-8 nor UTF-16, which tell themselves; undefined where none need be
 * named. A guess: whoever takes it says so.
 * @throws DATA_FILE_UNREADABLE
 */
export async function guessEncoding(path: string): Promise<'gb18030' | 'windows-1252' | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readFileBytes(path)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LOOKED_AT) break;
  }
  const all = Buffer.concat(chunks);
  const lines = length > LOOKED_AT ? all.subarray(0, all.lastIndexOf(LINE_FEED) + 1) : all;
  if (isParquet(all) || lines.includes(0) || isUtf8(lines) || utf16Kind(all, 'utf-8') !== undefined) return undefined;
  if (likelyEncoding(lines) !== 'GB18030') return 'windows-1252';
  try {
    decode(decoderOf('gb18030'), lines);
    return 'gb18030';
  } catch {
    return 'windows-1252';
  }
}
