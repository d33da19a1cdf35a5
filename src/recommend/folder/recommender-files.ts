import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a recommender's folder. The record comes last, since it vouches for the others. */
export const RECORD = 'softprompt.json';
/** The network that was measured, and the one that has learned from everything. */
export const NETWORK = 'network.safetensors';
export const SERVING = 'serving.safetensors';
export const HISTORIES = 'histories.safetensors';
/** The columns' names in the first line, then a line an item: its id and its values. */
export const ITEMS = 'items.jsonl';
export const USERS = 'users.jsonl';

/** File → sha256 (hex) of its content. */
export type FileHashes = Readonly<Record<string, string>>;

/** Bytes that are read at once. */
const PIECE = 2 ** 18;

/** Hashes files of a folder. Errors: those of the file system, as they are. */
export async function hashFiles(folder: string, names: readonly string[]): Promise<FileHashes> {
  const hashes: Record<string, string> = {};
  const piece = Buffer.allocUnsafeSlow(PIECE);
  for (const name of names) {
    const hash = createHash('sha256');
    const file = await open(join(folder, name), 'r');
    try {
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, PIECE);
        if (bytesRead === 0) break;
        hash.update(piece.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
    hashes[name] = hash.digest('hex');
  }
  return hashes;
}

/** One hash for all files: what tells a recommender from another, whatever its record says of it. */
export function contentHash(files: FileHashes): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(files).sort()))
    .digest('hex');
}
