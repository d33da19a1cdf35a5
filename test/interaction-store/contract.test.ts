import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { InteractionStore } from '../../src/interaction-store/interaction-store.js';
import { openInteractionStore } from '../../src/interaction-store/open-store.js';

/** A PostgreSQL server for tests, whose tables may be lost; `scripts/with-postgres.mjs` starts one. */
const server = process.env.SOFTPROMPT_TEST_DATABASE;
const folder = mkdtempSync(join(tmpdir(), 'store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PLACES: readonly { readonly name: string; readonly place: string; readonly skip?: string | false }[] = [
  { name: 'a folder', place: join(folder, 'contract') },
  {
    name: 'a PostgreSQL server',
    place: server ?? '',
    skip: server === undefined && 'SOFTPROMPT_TEST_DATABASE names no server',
  },
];

const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const event = (eventId: string, user: string, item: string, time?: Date) => ({ eventId, user, item, time });

for (const { name, place, skip } of PLACES) {
  describe(`interactions in ${name}`, { skip }, () => {
    const run = Math.random().toString(36).slice(2);
    const id = (text: string) => `${run}-${text}`;
    const withStore = async (use: (store: InteractionStore) => Promise<void>) => {
      const store = await openInteractionStore(place);
      try {
        await use(store);
      } finally {
        await store.close();
      }
    };

    it('are kept once each, whoever sends them again, and found by user in order of time', () =>
      withStore(async (store) => {
        const ann = id('ann');
        const events = [event(id('2'), ann, 'cup', day(2)), event(id('1'), ann, "tea'; drop table x --", day(1))];
        assert.deepEqual(await store.add(events), { stored: 2, repeated: 0 });
        assert.deepEqual(await store.add([events[1]!, event(id('3'), ann, 'pot', day(3))]), { stored: 1, repeated: 1 });
        assert.deepEqual(await store.add([event(id('2'), ann, 'another', day(9)), event(id('2'), ann, 'x', day(9))]), {
          stored: 0,
          repeated: 2,
        });
        const found = await store.ofUsers([ann, id('nobody')]);
        assert.deepEqual([...found.keys()], [ann]);
        assert.deepEqual(
          found.get(ann)!.map(({ item, time }) => [item, time.getUTCDate()]),
          [
            ["tea'; drop table x --", 1],
            ['cup', 2],
            ['pot', 3],
          ],
        );
      }));

    it('outlive the process that kept them, and are listed from any one on', () =>
      withStore(async (store) => {
        const listed: string[] = [];
        let before = 0;
        for await (const stored of store.all()) {
          assert.ok(stored.sequence > before);
          before = stored.sequence;
          if (stored.eventId.startsWith(run)) listed.push(stored.eventId);
        }
        assert.deepEqual(listed, [id('2'), id('1'), id('3')]);
        await store.add([event(id('4'), id('bob'), 'cup')]);
        const newer: string[] = [];
        for await (const { eventId } of store.all(before)) newer.push(eventId);
        assert.deepEqual(newer, [id('4')]);
      }));

    it('of one person are removed, and nobody else’s', () =>
      withStore(async (store) => {
        assert.equal(await store.forget(id('ann')), 3);
        assert.equal(await store.forget(id('ann')), 0);
        const left = await store.ofUsers([id('ann'), id('bob')]);
        assert.deepEqual([...left.keys()], [id('bob')]);
      }));

    it('of a large load are kept all or none', () =>
      withStore(async (store) => {
        const many = Array.from({ length: 12_000 }, (_, i) => event(id(`m${i}`), id(`u${i % 7}`), `i${i}`, day(1)));
        const before = await store.count();
        await assert.rejects(store.add([...many, event(id('bad'), 'u', '\0', day(1))]));
        assert.equal(await store.count(), before);
        assert.equal((await store.add(many)).stored, 12_000);
        assert.equal((await store.ofUsers([id('u3')])).get(id('u3'))!.length, Math.ceil((12_000 - 3) / 7));
      }));

    it('that were acknowledged outlive kill -9 at any moment, none twice', { timeout: 120_000 }, async () => {
      const acknowledged: string[] = [];
      for (let round = 0; round < 4; round++) {
        const writer = spawn(process.execPath, [
          fileURLToPath(new URL('./keep-adding.js', import.meta.url)),
          ...[place === join(folder, 'contract') ? join(folder, 'killed') : place, `${run}-k${round}`],
        ]);
        const lines = createInterface({ input: writer.stdout });
        const wanted = 5 + round * 9;
        let heard = 0;
        for await (const line of lines) {
          acknowledged.push(line);
          heard += 1;
          if (heard === wanted) writer.kill('SIGKILL');
        }
        if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
        assert.equal(writer.signalCode, 'SIGKILL');
      }
      const store = await openInteractionStore(name === 'a folder' ? join(folder, 'killed') : place);
      const kept = new Map<string, number>();
      for await (const { eventId } of store.all()) kept.set(eventId, (kept.get(eventId) ?? 0) + 1);
      await store.close();
      assert.deepEqual(
        acknowledged.filter((eventId) => kept.get(eventId) !== 1),
        [],
      );
    });
  });
}

describe('a folder of interactions', () => {
  it('is open once at a time', async () => {
    const place = join(folder, 'locked');
    const store = await openInteractionStore(place);
    await assert.rejects(openInteractionStore(`pglite:${place}`), { code: 'STORE_LOCKED' });
    await store.close();
    await (await openInteractionStore(`pglite:${place}`)).close();
  });

  it('of a server that does not answer is told without its password', async () => {
    await assert.rejects(openInteractionStore('postgres://me:secret@127.0.0.1:9/shop'), (error: Error) => {
      assert.match(error.message, /DATABASE_URL/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
});
