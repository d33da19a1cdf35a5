import { type OpenFile, readExactly } from '../files/read-bytes.js';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0: its bytes lie in the archive as they are. */
  readonly method: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly header: number;
}

const LONGEST_COMMENT = 65535;
const END_SIZE = 22;
/** A field of 32 or 16 bits whose number stands in zip64's own place. */
const ELSEWHERE_32 = 0xffffffff;
/** More than any model has storages, and what a directory may take. */
const LARGEST_DIRECTORY = 1 << 28;

/**
 * The directory of a zip archive (PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3; zip64 too), or what is wrong with it as text.
 * Names, sizes and places are as claimed.
 */
export async function readZipDirectory(file: OpenFile): Promise<readonly ZipEntry[] | string> {
  const tailStart = Math.max(0, file.size - END_SIZE - LONGEST_COMMENT);
  const tail = Buffer.from(await readExactly(file, tailStart, file.size - tailStart));
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end === -1 || end + END_SIZE > tail.length) return 'it has no end of a zip archive: it was cut off';
  let count = tail.readUInt16LE(end + 10);
  let size = tail.readUInt32LE(end + 12);
  let start = tail.readUInt32LE(end + 16);
  const locator = end - 20;
  if (locator >= 0 && tail.toString('latin1', locator, locator + 4) === 'PK\x06\x07') {
    const place = Number(tail.readBigUInt64LE(locator + 8));
    if (place + 56 > file.size) return 'its zip64 end lies outside the file';
    const end64 = Buffer.from(await readExactly(file, place, 56));
    if (end64.toString('latin1', 0, 4) !== 'PK\x06\x06') return 'its zip64 end is damaged';
    count = Number(end64.readBigUInt64LE(32));
    size = Number(end64.readBigUInt64LE(40));
    start = Number(end64.readBigUInt64LE(48));
  }
  if (size > LARGEST_DIRECTORY || start + size > file.size) return 'its directory lies outside the file';
  return parseDirectory(Buffer.from(await readExactly(file, start, size)), count);
}

function parseDirectory(bytes: Buffer, count: number): readonly ZipEntry[] | string {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.toString('latin1', at, at + 4) !== 'PK\x01\x02')
      return 'its directory is damaged';
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place));
    const next = at + 46 + nameLength! + extraLength! + commentLength!;
    if (next > bytes.length) return 'its directory is damaged';
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength!);
    const extra = bytes.subarray(at + 46 + nameLength!, at + 46 + nameLength! + extraLength!);
    const [packed, size, header] = [20, 24, 42].map((place) => bytes.readUInt32LE(at + place));
    const wide = wideNumbers(extra, [size!, packed!, header!]);
    entries.push({ name, method: bytes.readUInt16LE(at + 10), size: wide[0]!, header: wide[2]! });
    at = next;
  }
  return entries;
}

/** Numbers of which those that do not fit in 32 bits stand in zip64's extra field, in their order. */
function wideNumbers(extra: Buffer, numbers: readonly number[]): readonly number[] {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  let place = at + 4;
  return numbers.map((number) => {
    if (number !== ELSEWHERE_32 || place + 8 > extra.length) return number;
    place += 8;
    return Number(extra.readBigUInt64LE(place - 8));
  });
}

/** Where an entry's bytes begin, behind its local header; undefined where there is none. */
export async function entryData(file: OpenFile, { header, size }: ZipEntry): Promise<number | undefined> {
  if (header + 30 > file.size) return undefined;
  const local = Buffer.from(await readExactly(file, header, 30));
  if (local.toString('latin1', 0, 4) !== 'PK\x03\x04') return undefined;
  const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  return start + size <= file.size ? start : undefined;
}
