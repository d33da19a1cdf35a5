import { resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { type ContentStore, FolderStore } from './content-store.js';

/**
 * @param place a folder, or `s3://BUCKET/PREFIX`
 * @throws QUEUE_STORE, QUEUE_UNAVAILABLE
 */
export async function openStore(place: string): Promise<ContentStore> {
  if (/^s3:\/\//i.test(place)) return (await import('./s3-store.js')).openS3Store(place);
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(place)) return new FolderStore(resolve(place));
  throw new SoftpromptError('QUEUE_STORE', {
    found: `The store is given as ${place}`,
    expected: 'a folder that all workers reach, or s3://BUCKET/PREFIX',
    fix: 'Correct --store.',
  });
}
