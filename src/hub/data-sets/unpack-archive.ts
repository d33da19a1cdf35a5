import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Entry, type Options, open, type ZipFile } from 'yauzl';
import { SoftpromptError } from '../../errors.js';

/** More than any set unpacks to: a zip that claims more is damaged or malicious. */
const LARGEST = 8 * 2 ** 30;

/**
 * Unpacks files of a zip into a folder, under names of our own (`0`, `1`, …), so that no name inside the zip can lead
 * elsewhere. Only what is asked for is read.
 * @returns where each member lies now
 * @throws DATA_SET_INVALID
 */
export async function unpackMembers(
  zip: string,
  members: readonly string[],
  folder: string,
): Promise<(member: string) => string> {
  const pathOf = (member: string) => join(folder, String(members.indexOf(member)));
  try {
    const file = await promisify<string, Options, ZipFile>(open)(zip, { lazyEntries: true, autoClose: false });
    try {
      const entries = await wantedEntries(file, members);
      const readStream = promisify<Entry, NodeJS.ReadableStream>(file.openReadStream.bind(file));
      for (const member of members) {
        const entry = entries.get(member);
        if (entry === undefined || entry.uncompressedSize > LARGEST) {
          throw invalid(zip, entry === undefined ? `has no ${member}` : `holds a ${member} of impossible size`);
        }
        await pipeline(await readStream(entry), createWriteStream(pathOf(member), { flags: 'wx' }));
      }
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof SoftpromptError || (error instanceof Error && 'syscall' in error)) throw error;
    throw invalid(zip, `cannot be unpacked: ${error instanceof Error ? error.message : error}`, error);
  }
  return pathOf;
}

/** Reads the whole directory of the zip, so that any bad name in it is found. */
function wantedEntries(file: ZipFile, members: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  const found = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    file.on('entry', (entry: Entry) => {
      if (members.includes(entry.fileName)) found.set(entry.fileName, entry);
      file.readEntry();
    });
    file.on('end', () => resolve(found));
    file.on('error', reject);
    file.readEntry();
  });
}

function invalid(zip: string, found: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'DATA_SET_INVALID',
    {
      found: `${zip} ${found}`,
      expected: 'the zip as its publisher offers it',
      fix: 'Remove the file and run the command again, so that it is downloaded anew.',
    },
    { cause },
  );
}
