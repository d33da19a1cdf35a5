import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { defaultCacheFolder } from '../files/cache-folder.js';
import { writing } from './content-store.js';
import { keepBytes, keptBytes } from './kept-bytes.js';
import { openStore } from './open-store.js';
import { type QueuedPart, readPart } from './queued-part.js';
import { fetchTree, putTree, treeOf, treeOnThisMachine } from './trees.js';
import type { AnsweringWork, WorkHooks, Works } from './work.js';

export interface DoingOptions {
  readonly works: Works;
  readonly threads: number;
  /** Default: what the job names. */
  readonly store?: string | undefined;
  readonly cacheFolder?: string | undefined;
}

/** In which folder of this machine a job is done; a later try goes on there. */
export const workFolder = (id: string, cacheFolder = defaultCacheFolder()): string =>
  join(cacheFolder, 'queue', 'work', id);

/** Fetches what a part needs, does it, and keeps what it made. @returns what a client finds it by, or the answer to a question */
export async function doPart(
  id: string,
  job: unknown,
  { works, threads, ...options }: DoingOptions,
  hooks: Pick<WorkHooks, 'onEvent' | 'signal'>,
): Promise<object> {
  const started = performance.now();
  const part = readPart(job);
  const work = works[part.work];
  if (work === undefined) throw unknown(part);
  if ('answer' in work) return answerPart(part, work, { threads, ...options }, hooks.signal);
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const store = await openStore(options.store ?? part.store);
  const here = new Map<string, string>();
  for (const [path, tree] of Object.entries(part.files)) {
    hooks.signal.throwIfAborted();
    here.set(path, await treeOnThisMachine(store, tree, path, cacheFolder));
  }
  const folder = workFolder(id, cacheFolder);
  await writing(folder, () => mkdir(folder, { recursive: true }));
  if (part.needs !== undefined) await fetchTree(store, part.needs, folder);
  const onThisMachine = (path: string) => here.get(path) ?? path;
  const plan = work.settlePaths
    ? await work.settlePaths(part.plan, onThisMachine, folder)
    : work.withPaths(part.plan, onThisMachine);
  const request = { plan, inputs: part.inputs, files: part.files, part: part.part, folder, threads };
  await work.do(request, { ...hooks, cacheFolder: options.cacheFolder });
  hooks.signal.throwIfAborted();
  const made = await treeOf(folder, part.makes, cacheFolder);
  const tree = await putTree(store, made, folder);
  return { tree, seconds: (performance.now() - started) / 1000 };
}

/** What a question without a folder comes to. */
function answerPart(
  { plan, inputs, files, store: named }: QueuedPart,
  work: AnsweringWork,
  { threads, store = named, cacheFolder }: Omit<DoingOptions, 'works'>,
  signal: AbortSignal,
): Promise<object> {
  return work.answer({
    ...{ plan, inputs, threads, signal, cacheFolder },
    here: async (path) => {
      const tree = files[path];
      if (tree === undefined) return path;
      return treeOnThisMachine(await openStore(store), tree, path, cacheFolder ?? defaultCacheFolder());
    },
    content: async (hash) => keptBytes(await openStore(store), hash),
    keep: async (content) => keepBytes(await openStore(store), content),
  });
}

const unknown = ({ work, version }: QueuedPart) =>
  new SoftpromptError('QUEUE_JOB_FOREIGN', {
    found: `The job is of the kind '${work}', of softprompt ${version}`,
    expected: 'a kind that this version knows',
    fix: 'Let clients and workers have the same version.',
  });
