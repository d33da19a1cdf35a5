import { Worker } from 'node:worker_threads';
import type { InteractionStore } from '../interaction-store/interaction-store.js';
import type { ServedPrompt, ServedRecommender } from './served.js';
import { Refusal } from './server-refusals.js';
import type { Shelf } from './shelf.js';

export interface Erased {
  /** Events of the store. */
  readonly removed: number;
  /** Recommenders that knew the person, with the events or answers that were removed from their folders. */
  readonly recommenders: readonly { readonly name: string; readonly removed: number }[];
}

/** Removes a person wherever he is kept. @throws Refusal where a recommender still knows him: asking again goes on */
export type Erasure = (user: string) => Promise<Erased>;

/**
 * People are removed from the store, from the folders of all recommenders (as `recommend forget` does it), and from what is
 * open: versions that knew them answer no more. One at a time.
 */
export function erasure(shelf: Shelf<ServedPrompt, ServedRecommender>, store: InteractionStore | undefined): Erasure {
  let last: Promise<unknown> = Promise.resolve();
  const erase = async (user: string): Promise<Erased> => {
    const removed = (await store?.forget(user)) ?? 0;
    const recommenders: { name: string; removed: number }[] = [];
    const failed: string[] = [];
    for (const { name, path } of shelf.recommenderFolders) {
      try {
        const { forgotten, events } = await forgetInFolder(path, user);
        if (forgotten > 0) recommenders.push({ name, removed: events });
      } catch {
        failed.push(name);
      }
    }
    await shelf.refresh();
    for (const { name, versions } of shelf.recommenders) {
      if (!failed.includes(name) && versions.some(({ value }) => knows(value, user))) failed.push(name);
    }
    if (failed.length > 0) {
      throw new Refusal(
        503,
        'ERASURE_INCOMPLETE',
        `${removed} events were removed here, but ${failed.map((name) => `'${name}'`).join(', ')} may still know this person: the folder could not be changed. See that the service may write it and that no fit is changing it, and ask again; or run npx softprompt recommend forget.`,
      );
    }
    return { removed, recommenders };
  };
  return (user) => {
    const erased = last.then(() => erase(user));
    last = erased.catch(() => {});
    return erased;
  };
}

const knows = (served: ServedRecommender, user: string): boolean =>
  served.task === 'lists' ? served.open.userCodes.has(user) : served.open.knowsUser(user);

/** In a thread of its own: the folder is read and written whole. */
function forgetInFolder(
  folder: string,
  user: string,
): Promise<{ readonly forgotten: number; readonly events: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./forget-worker.js', import.meta.url), { workerData: { folder, user } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}
