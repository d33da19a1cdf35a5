import { SoftpromptError } from '../errors.js';
import { exportInteractions } from '../interaction-store/export-interactions.js';
import type { InteractionStore } from '../interaction-store/interaction-store.js';
import { openInteractionStore } from '../interaction-store/open-store.js';
import { EXPORT_INTERACTIONS, FORGET_USER } from '../interaction-store/store-options.js';
import type { SharedFlags } from './flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';

export async function exportCommand(flags: Flags & SharedFlags): Promise<void> {
  const { store, out, user, after } = optionsFrom(EXPORT_INTERACTIONS, flags);
  const output = createOutput(flags.json ?? false);
  const { events, last } = await withStore(store, (open) => exportInteractions(open, out, { user, after }));
  output.result({ events, last, out });
  output.say(`Wrote   ${events} events to ${out}; the last has the number ${last}`);
}

export async function forgetCommand(flags: Flags & SharedFlags): Promise<void> {
  const { store, user } = optionsFrom(FORGET_USER, flags);
  const output = createOutput(flags.json ?? false);
  const removed = await withStore(store, (open) => open.forget(user));
  output.result({ removed, user });
  output.say(`Removed ${removed} events of ${user}`);
}

async function withStore<T>(place: string | undefined, use: (store: InteractionStore) => Promise<T>): Promise<T> {
  const chosen = place ?? process.env.DATABASE_URL;
  if (!chosen) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: 'The flag --store is missing',
      expected: 'where a service keeps interactions',
      fix: 'Add --store with postgres://… or the folder that the service was given, or set DATABASE_URL.',
    });
  }
  const store = await openInteractionStore(chosen);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
