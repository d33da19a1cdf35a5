import { openInteractionStore } from '../../src/interaction-store/open-store.js';

/** Adds events one after the other until it is killed, and prints the id of each that was acknowledged. */
const [place, prefix] = process.argv.slice(2);
const store = await openInteractionStore(place!);
for (let i = 0; ; i++) {
  const eventId = `${prefix}-${i}`;
  await store.add([{ eventId, user: `user ${i % 3}`, item: `item ${i}` }]);
  process.stdout.write(`${eventId}\n`);
}
