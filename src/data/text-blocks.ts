import { constants } from 'node:buffer';
import type { TextDecoder } from 'node:util';
import { SoftpromptError } from '../errors.js';
import { readFileBytes } from './file-bytes.js';
import { decoderOf, encodingError, likelyEncoding, utf16Kind } from './text-encoding.js';

const NEWLINE = 0x0a;

/** How many characters a text of JavaScript may have: about 537 million. */
export const LONGEST_TEXT = constants.MAX_STRING_LENGTH;

/**
 * Streams a text file (gzip too) as decoded blocks of whole lines, without its byte order mark. Memory is bounded by
 * the longest line.
 * @param encoding the file's, by its WHATWG name, such as windows-1252 or gb18030; not UTF-16
 * @param longest bytes of a line, at most
 * @throws DATA_ENCODING where the bytes are not of that encoding, with the line; DATA_ENCODING_UNKNOWN;
 * DATA_FILE_UNREADABLE where a line is longer than a text may be.
 */
export async function* readTextBlocks(
  path: string,
  encoding = 'utf-8',
  longest = LONGEST_TEXT,
): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  let linesBefore = 0;
  let unfinished: Buffer[] = [];
  let unfinishedBytes = 0;
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
    if (unfinishedBytes + (end === 0 ? chunk.length : end) > longest) throw lineTooLong(path, linesBefore + 1);
    if (end === 0) {
      unfinished.push(chunk);
      unfinishedBytes += chunk.length;
      continue;
    }
    yield decode(Buffer.concat([...unfinished, chunk.subarray(0, end)]));
    unfinished = [chunk.subarray(end)];
    unfinishedBytes = chunk.length - end;
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

function lineTooLong(path: string, line: number): SoftpromptError {
  return new SoftpromptError('DATA_FILE_UNREADABLE', {
    found: `${path}:${line} is a line of more than 500 MB`,
    expected: 'lines that can be held as one text',
    fix: 'Break it into lines; of JSON, write one object a line.',
  });
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
