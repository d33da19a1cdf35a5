import { constants } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { refuseForeignBytes } from '../data/foreign-file.js';
import {
  decode,
  decoderOf,
  encodingError,
  isSurelyUtf8,
  likelyEncoding,
  type Utf16,
  utf16Kind,
} from '../data/text-encoding.js';
import { SoftpromptError } from '../errors.js';
import { readFileBytes } from '../files/file-bytes.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** How many characters a text of JavaScript may have: about 537 million. */
export const LONGEST_TEXT = constants.MAX_STRING_LENGTH;

/**
 * Streams a text file (gzip too) as decoded blocks of whole lines, without its byte order mark. UTF-16 is told by its
 * bytes. Where carriage returns alone end the lines, they become line feeds. Memory is bounded by the longest line.
 * @param encoding the file's, such as windows-1252 or gb18030; a file that is UTF-8 or UTF-16 beyond doubt is read as such
 * @param longest bytes of a line, at most
 * @throws DATA_ENCODING where the bytes are not of that encoding, with the line; DATA_ENCODING_UNKNOWN;
 * DATA_FORMAT_FOREIGN; DATA_FILE_UNREADABLE where a line is longer than a text may be.
 */
export async function* readTextBlocks(
  path: string,
  encoding = 'utf-8',
  longest = LONGEST_TEXT,
): AsyncGenerator<string> {
  const utf8 = decoderOf('utf-8');
  const named = decoderOf(encoding);
  const { bytes, isUtf8 } = await openText(path, named.encoding);
  let decoder = isUtf8 ? utf8 : undefined; // until bytes are seen that tell
  let lineEnd: number | undefined;
  let linesBefore = 0;
  let unfinished: Buffer[] = [];
  let unfinishedBytes = 0;
  let firstBlock = true;
  const text = (block: Buffer): string => {
    decoder ??= isSurelyUtf8(block, named.encoding) ? utf8 : hasHighBytes(block, named) ? named : undefined;
    let content = decodeBlock(path, block, linesBefore, decoder ?? named, lineEnd!);
    if (lineEnd === CARRIAGE_RETURN) content = content.replaceAll('\r', '\n');
    linesBefore += countNewlines(content);
    if (firstBlock) content = content.replace(/^\ufeff/, '');
    firstBlock = false;
    return content;
  };
  for await (const chunk of bytes) {
    lineEnd ??= !chunk.includes(LINE_FEED) && chunk.includes(CARRIAGE_RETURN) ? CARRIAGE_RETURN : LINE_FEED;
    const end = chunk.lastIndexOf(lineEnd) + 1;
    if (unfinishedBytes + (end === 0 ? chunk.length : end) > longest) throw lineTooLong(path, linesBefore + 1);
    if (end === 0) {
      unfinished.push(chunk);
      unfinishedBytes += chunk.length;
      continue;
    }
    yield text(Buffer.concat([...unfinished, chunk.subarray(0, end)]));
    unfinished = [chunk.subarray(end)];
    unfinishedBytes = chunk.length - end;
  }
  const rest = Buffer.concat(unfinished);
  if (rest.length > 0) yield text(rest);
}

/** How many line feeds a text holds. */
function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The bytes of a text file; those of UTF-16 as UTF-8. */
async function openText(
  path: string,
  named: string,
): Promise<{ readonly bytes: AsyncIterable<Buffer>; readonly isUtf8: boolean }> {
  const chunks = readFileBytes(path);
  const { value: first, done } = await chunks.next();
  if (done) return { bytes: chunks, isUtf8: true };
  const utf16 = utf16Kind(first, named);
  if (utf16 === undefined) refuseForeignBytes(path, first);
  const whole = (async function* () {
    yield first;
    yield* chunks;
  })();
  const isUtf8 = utf16 !== undefined || named.startsWith('utf-');
  return { bytes: utf16 === undefined ? whole : fromUtf16(path, whole, utf16), isUtf8 };
}

async function* fromUtf16(path: string, chunks: AsyncIterable<Buffer>, kind: Utf16): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(kind); // a lone surrogate becomes U+FFFD
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  if (decoder.decode() === '') return;
  throw new SoftpromptError('DATA_ENCODING', {
    found: `${path} ends in the middle of a character of ${kind.toUpperCase()}`,
    expected: 'a whole file',
    fix: 'Fetch or write it again.',
  });
}

/** ISO-2022-JP has no high bytes at all. */
function hasHighBytes(block: Uint8Array, { encoding }: TextDecoder): boolean {
  return encoding.startsWith('iso-2022') || block.some((byte) => byte >= 0x80);
}

function lineTooLong(path: string, line: number): SoftpromptError {
  return new SoftpromptError('DATA_FILE_UNREADABLE', {
    found: `${path}:${line} is a line of more than 500 MB`,
    expected: 'lines that can be held as one text',
    fix: 'Break it into lines; of JSON, write one object a line.',
  });
}

function decodeBlock(path: string, block: Buffer, linesBefore: number, decoder: TextDecoder, lineEnd: number): string {
  try {
    return decode(decoder, block);
  } catch {
    let line = linesBefore;
    for (let start = 0; start < block.length; ) {
      line += 1;
      const newline = block.indexOf(lineEnd, start);
      const end = newline === -1 ? block.length : newline;
      const bytes = block.subarray(start, end);
      try {
        decode(decoder, bytes);
      } catch {
        throw encodingError(path, `${path}:${line}`, likelyEncoding(bytes), decoder.encoding);
      }
      start = end + 1;
    }
    throw encodingError(path, `${path}:${linesBefore + 1}`, likelyEncoding(block), decoder.encoding);
  }
}
