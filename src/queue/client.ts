import { resolve } from 'node:path';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import type { ContentStore } from './content-store.js';
import type { QueuedJob } from './job-queue.js';
import type { QueueEvent } from './queue-events.js';
import { hashOfTree, putTree, type Tree } from './trees.js';
import type { Works } from './work.js';

/** What all that has work done by the workers of a queue is told. */
export interface ElsewhereOptions {
  /** The queue's address. */
  readonly on: string;
  readonly store?: string | undefined;
  readonly priority?: number | undefined;
  readonly needsMemory?: number | undefined;
  /** Whether jobs are cancelled where the signal ends the wait. */
  readonly cancel?: boolean | undefined;
  /** Whether pieces of updates are given even where the queue takes longer than to compute them. */
  readonly piecesAlways?: boolean | undefined;
  readonly cacheFolder?: string | undefined;
  readonly works: Works;
  readonly onEvent: (event: QueueEvent) => void;
}

/** Of a process that has the model's weights as float32, and works with them. */
const MEMORY = { least: 300, timesWeights: 3 } as const;
const MIB = 2 ** 20;

/** Puts what lies at a path into a store. @returns its hash */
export async function keepTree(store: ContentStore, tree: Tree, path: string): Promise<string> {
  if (await store.has(hashOfTree(tree))) return hashOfTree(tree);
  return putTree(store, tree, tree.single ? resolve(path, '..') : path);
}

/** What a worker must have free, in MiB. @param largest bytes of a job's largest file or folder */
export const memoryFor = (largest: number): number => MEMORY.least + (MEMORY.timesWeights * largest) / MIB;

/** What a job that was given up comes to here. */
export function failureOf({ id, title, worker, reason, failures }: QueuedJob): SoftpromptError {
  const { code = 'INTERNAL', found = 'no reason', expected = '', fix = '' } = reason ?? {};
  if (code !== 'INTERNAL') return new SoftpromptError(code as ErrorCode, { found, expected, fix });
  return new SoftpromptError('QUEUE_JOB_DEAD', {
    found: `The job ${id} (${title}) was given up after ${failures} tries, the last by worker ${worker}: ${found}`,
    expected: 'a job that ends',
    fix: 'Look at what the worker says; then run the same command, or `npx softprompt jobs retry`.',
  });
}

/** Tells once that a connection is lost. */
export function tellOnce(onEvent: (event: QueueEvent) => void): (message: string) => void {
  let isTold = false;
  return (message) => {
    if (!isTold) onEvent({ event: 'note', text: `the queue is out of reach, and is tried again: ${message}` });
    isTold = true;
  };
}
