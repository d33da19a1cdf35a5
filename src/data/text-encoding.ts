import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { SoftpromptError } from '../errors.js';

/** Names that people use and the WHATWG encoding standard does not know. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'latin-1': 'windows-1252',
  cp936: 'gb18030',
  ms936: 'gb18030',
  cp932: 'shift_jis',
  cp949: 'euc-kr',
  cp950: 'big5',
  'utf-8-sig': 'utf-8',
};

/** Encodings in which bytes from 0x80 stand in groups; in all others each is a letter of its own. */
const OF_SEVERAL_BYTES = /^(?:utf-8|gb|big5|euc-|shift_jis|iso-2022)/;

export type Utf16 = 'utf-16le' | 'utf-16be';

/** Characters that files of text are full of, and that are no half of a common character. */
const SEPARATORS = Buffer.from('\t\n\r ,;|":{}123456789');

/** Bytes of a file's beginning that are looked at. */
const LOOKED_AT = 4096;

/**
 * The UTF-16 variety that a file is in by its first bytes: a byte order mark; or, without one, zero bytes beside what
 * separates values and lines. (Zero bytes alone do not tell: they are half of characters such as U+4E00, too.)
 * @param named what the file was said to be in, by its WHATWG name
 */
export function utf16Kind(start: Uint8Array, named: string): Utf16 | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const pairs = Math.min(start.length, LOOKED_AT) >> 1;
  const zeros = { le: 0, be: 0 };
  const separators = { le: 0, be: 0 };
  for (let i = 0; i < 2 * pairs; i += 2) {
    const [first, second] = [start[i]!, start[i + 1]!];
    if (second === 0) zeros.le += 1;
    if (first === 0) zeros.be += 1;
    if (second === 0 && SEPARATORS.includes(first)) separators.le += 1;
    if (first === 0 && SEPARATORS.includes(second)) separators.be += 1;
  }
  if (zeros.le > pairs / 2 && zeros.le > zeros.be) return 'utf-16le';
  if (zeros.be > pairs / 2) return 'utf-16be';
  if (isUtf8(wholeCharacters(start))) return undefined;
  const enough = pairs / 200;
  if (separators.le > enough && separators.le >= 4 * separators.be) return 'utf-16le';
  if (separators.be > enough && separators.be >= 4 * separators.le) return 'utf-16be';
  // Chinese alone has no zero bytes, but neither line feeds of one byte nor as many ASCII bytes as other texts
  const ascii = start.subarray(0, 2 * pairs).filter((byte) => byte < 0x80).length;
  if (start.includes(0x0a) && ascii > 1.5 * pairs) return undefined;
  return named === 'utf-16le' || named === 'utf-16be' ? named : undefined;
}

/** Bytes up to the last ASCII character: what follows may be cut. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  const end = bytes.findLastIndex((byte) => byte < 0x80) + 1;
  return end === 0 ? bytes : bytes.subarray(0, end);
}

/** Whether bytes are UTF-8 although the file was said to be in another encoding, in which they would make no sense. */
export function isSurelyUtf8(block: Uint8Array, encoding: string): boolean {
  if (!isUtf8(block)) return false;
  // two Chinese characters of GB18030 may look like two Greek ones of UTF-8, but hardly like one of three bytes
  return OF_SEVERAL_BYTES.test(encoding) ? block.some((byte) => byte >= 0xe0) : block.some((byte) => byte >= 0x80);
}

/**
 * A guess at the encoding of a line that is not UTF-8: GB18030 (GBK) writes a Chinese character as two high bytes,
 * whereas the accented letters of Windows-1252 (Latin-1) mostly stand alone.
 */
export function likelyEncoding(line: Uint8Array): string {
  let high = 0;
  let runs = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i]! < 0x80) continue;
    high += 1;
    if (i === 0 || line[i - 1]! < 0x80) runs += 1;
  }
  return high >= 2 * runs ? 'GB18030' : 'WINDOWS-1252';
}

/** @throws DATA_ENCODING_UNKNOWN */
export function decoderOf(encoding: string): TextDecoder {
  const name = encoding.trim().toLowerCase();
  try {
    return new TextDecoder(OTHER_NAMES[name.replaceAll('_', '-')] ?? name, { fatal: true, ignoreBOM: true });
  } catch {} // a RangeError: the name is unknown
  throw new SoftpromptError('DATA_ENCODING_UNKNOWN', {
    found: `the encoding '${encoding}'`,
    expected:
      'a name of the WHATWG encoding standard, such as utf-8, utf-16le, windows-1252 (Latin-1), gb18030, big5 or shift_jis',
    fix: 'Correct the name (--encoding), or convert the file to UTF-8 with iconv.',
  });
}

/** The text of whole characters. */
export function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  // Node 20 reads 0x80 to 0x9F of windows-1252 as control characters unless it is told that more may come
  return decoder.decode(bytes, { stream: decoder.encoding === 'windows-1252' });
}

export function encodingError(path: string, place: string, encoding: string, expected = 'utf-8'): SoftpromptError {
  const packed = /\.gz$/i.test(path);
  const plain = path.replace(/\.gz$/i, '');
  const made = shellWord(/\.\w+$/.test(plain) ? plain.replace(/\.\w+$/, '.utf8$&') : `${plain}.utf8`);
  const convert = `iconv -f ${encoding} -t UTF-8`;
  const command = packed
    ? `gunzip -c ${shellWord(path)} | ${convert} > ${made}`
    : `${convert} ${shellWord(path)} > ${made}`;
  return new SoftpromptError('DATA_ENCODING', {
    found: `${place} is not ${expected.toUpperCase()} text; it looks like ${encoding}`,
    expected: expected.toUpperCase(),
    fix: `Name the encoding (--encoding ${encoding.toLowerCase()}), or convert the file: \`${command}\` (should the result read wrong, it is another encoding).`,
  });
}

function shellWord(text: string): string {
  return /^[\w./+@%=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
