import type { TextDecoder } from 'node:util';
import { readFileBytes } from './file-bytes.js';
import { decoderOf, encodingError, likelyEncoding, utf16Kind } from './text-encoding.js';

const NEWLINE = 0x0a;

/**
 * Streams a text file (gzip too) as decoded blocks of whole lines, without its byte order mark. Memory is bounded by
 * the longest line.
 * @param encoding the file's, by its WHATWG name, such as windows-1252 or gb18030; not UTF-16
 * @throws DATA_ENCODING where the bytes are not of that encoding, with the line; DATA_ENCODING_UNKNOWN.
 */
export async function* readTextBlocks(path: string, encoding = 'utf-8'): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  let linesBefore = 0;
  let unfinished: Buffer[] = [];
  let firstChunk = true;
  let firstBlock = true;
  const decode = (block: Buffer): string => {
    const text = decodeBlock(path, block, linesBefore, decoder);
    linesBefore += countNewlines(text);
    const content = firstBlock ? text.replace(/^\ufeff/, '') : text;
    firstBlock = false;
    return content;
  };
  for await (const chunk of readFileBytes(path)) {
    const utf16 = firstChunk ? utf16Kind(chunk) : undefined;
    if (utf16 !== undefined) throw encodingError(path, path, utf16);
    firstChunk = false;
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      unfinished.push(chunk);
      continue;
    }
    yield decode(Buffer.concat([...unfinished, chunk.subarray(0, end)]));
    unfinished = [chunk.subarray(end)];
  }
  const rest = Buffer.concat(unfinished);
  if (rest.length > 0) yield decode(rest);
}

/** How many line feeds a text holds. */
export function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function decodeBlock(path: string, block: Buffer, linesBefore: number, decoder: TextDecoder): string {
  try {
    return decoder.decode(block);
  } catch {
    let line = linesBefore;
    for (let start = 0; ; ) {
      line += 1;
      const newline = block.indexOf(NEWLINE, start);
      const end = newline === -1 ? block.length : newline;
      const bytes = block.subarray(start, end);
      try {
        decoder.decode(bytes);
      } catch {
        throw encodingError(path, `${path}:${line}`, likelyEncoding(bytes), decoder.encoding);
      }
      start = end + 1;
    }
  }
}
