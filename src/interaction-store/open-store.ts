import { openEmbedded } from '../data/postgres/embedded-database.js';
import { openPostgres } from '../data/postgres/postgres-database.js';
import { type InteractionStore, interactionStore } from './interaction-store.js';

/**
 * @param place `postgres://…` for a server, else a folder, as it is or as `pglite:DIR`
 * @throws STORE_UNAVAILABLE, STORE_LOCKED
 */
export async function openInteractionStore(place: string): Promise<InteractionStore> {
  const isServer = /^postgres(?:ql)?:\/\//.test(place);
  const database = await (isServer ? openPostgres(place) : openEmbedded(place.replace(/^pglite:/, '')));
  try {
    return await interactionStore(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}
