import { writeFileAtomically } from '../files/atomic-file.js';
import type { InteractionStore, StoredInteraction } from './interaction-store.js';

/** An event as files and requests name its fields. */
export function eventRecord({ sequence, eventId, user, item, time, rating }: StoredInteraction) {
  return {
    ...{ sequence, event_id: eventId, user_id: user, item_id: item },
    ...{ time: time.toISOString(), rating },
  };
}

/**
 * Writes events as JSON lines, which `recommend fit --interactions` reads.
 * @param selection of one user, or of all behind a sequence number
 * @returns how many, and the last sequence number
 */
export async function exportInteractions(
  store: InteractionStore,
  out: string,
  { user, after = 0 }: { readonly user?: string | undefined; readonly after?: number | undefined } = {},
): Promise<{ readonly events: number; readonly last: number }> {
  let events = 0;
  let last = after;
  await writeFileAtomically(out, async (file) => {
    let lines: string[] = [];
    const flush = async () => {
      await file.write(lines.join(''));
      lines = [];
    };
    for await (const event of selected(store, user, after)) {
      const { rating, ...record } = eventRecord(event);
      lines.push(`${JSON.stringify(rating === null ? record : { ...record, rating })}\n`);
      events += 1;
      last = Math.max(last, event.sequence);
      if (lines.length === 1000) await flush();
    }
    await flush();
  });
  return { events, last };
}

async function* selected(store: InteractionStore, user: string | undefined, after: number) {
  if (user === undefined) yield* store.all(after);
  else for (const event of (await store.ofUsers([user])).get(user) ?? []) if (event.sequence > after) yield event;
}
