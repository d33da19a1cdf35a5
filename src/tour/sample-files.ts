import { fileURLToPath } from 'node:url';

/** A file of the sample data that comes with this package, such as `sentiment-zh/train.jsonl`; see samples/. */
export function sampleFile(path: string): string {
  return fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
}
