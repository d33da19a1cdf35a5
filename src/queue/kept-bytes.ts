import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ContentStore, verified } from './content-store.js';

/** Puts bytes into a store. @returns their sha256, by which they are found */
export async function keepBytes(store: ContentStore, content: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(content).digest('hex');
  await store.put(hash, content);
  return hash;
}

/** @throws QUEUE_CONTENT_MISSING, QUEUE_CONTENT_DAMAGED */
export async function keptBytes(store: ContentStore, hash: string): Promise<Uint8Array> {
  const through = verified(hash);
  const [bytes] = await Promise.all([buffer(through), pipeline(await store.open(hash), through)]);
  return bytes;
}
