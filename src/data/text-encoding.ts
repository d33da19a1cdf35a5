import { TextDecoder } from 'node:util';
import { SoftpromptError } from '../errors.js';

/** The UTF-16 variety the first bytes of a file speak of (a byte order mark, or every second byte zero), if any. */
export function utf16Kind(start: Uint8Array): string | undefined {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) return 'UTF-16';
  const pairs = Math.min(start.length >> 1, 256);
  const zeros = [0, 0];
  for (let i = 0; i < 2 * pairs; i++) if (start[i] === 0) zeros[i % 2]! += 1;
  if (zeros[1]! > pairs / 2) return 'UTF-16LE';
  if (zeros[0]! > pairs / 2) return 'UTF-16BE';
  return undefined;
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
  try {
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    if (!decoder.encoding.startsWith('utf-16')) return decoder;
  } catch {} // a RangeError: the name is unknown
  throw new SoftpromptError('DATA_ENCODING_UNKNOWN', {
    found: `the encoding '${encoding}'`,
    expected:
      'a name of the WHATWG encoding standard, such as utf-8, windows-1252 (Latin-1) or gb18030, and not UTF-16',
    fix: 'Correct the name, or convert the file to UTF-8 with iconv.',
  });
}

export function encodingError(path: string, place: string, encoding: string, expected = 'utf-8'): SoftpromptError {
  const plain = path.replace(/\.gz$/, '');
  const convert = `iconv -f ${encoding} -t UTF-8`;
  const command = plain === path ? `${convert} ${path} > ${path}.utf8` : `gunzip -c ${path} | ${convert} > ${plain}`;
  return new SoftpromptError('DATA_ENCODING', {
    found: `${place} is not ${expected.toUpperCase()} text; it looks like ${encoding}`,
    expected: expected.toUpperCase(),
    fix: `Convert the file: \`${command}\` (should the result read wrong, it is another encoding), or name the encoding when reading.`,
  });
}
