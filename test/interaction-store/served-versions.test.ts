import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openInteractionStore } from '../../src/interaction-store/open-store.js';
import type { ServedVersions } from '../../src/interaction-store/served-versions.js';

const server = process.env.SOFTPROMPT_TEST_DATABASE;
const folder = mkdtempSync(join(tmpdir(), 'served-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PLACES = [
  ['a folder', join(folder, 'store'), false],
  ['a PostgreSQL server', server ?? '', server === undefined && 'SOFTPROMPT_TEST_DATABASE names no server'],
] as const;

for (const [what, place, skip] of PLACES) {
  describe(`versions that services agree upon, in ${what}`, { skip }, () => {
    const name = `words-${Math.random().toString(36).slice(2)}`;
    const kind = 'prompt';
    const with_ = async (use: (served: ServedVersions) => Promise<void>) => {
      const store = await openInteractionStore(place);
      try {
        await use(store.served);
      } finally {
        await store.close();
      }
    };
    const state = async (served: ServedVersions) => (await served.all()).find((one) => one.name === name)!;
    const tell = (served: ServedVersions, version: string, comes = true, content: readonly number[] = []) =>
      served.announce({
        ...{ kind, name, version, comes },
        files: content.length > 0 ? [{ path: 'deep/file', content: Uint8Array.from(content) }] : [],
      });

    it('come in front once, whoever tells of them, end a split, and leave when there are three newer ones', () =>
      with_(async (served) => {
        const begin = await served.revision();
        await tell(served, 'a', false);
        await Promise.all([tell(served, 'b'), tell(served, 'b'), tell(served, 'b', false)]);
        assert.deepEqual((await state(served)).versions, ['a', 'b']);
        assert.equal(await served.revision(), begin + 2, 'what changes nothing is no change');
        await served.spread(
          kind,
          name,
          new Map([
            ['b', 0.3],
            ['a', 0.7],
          ]),
        );
        await tell(served, 'b');
        assert.deepEqual(
          [...(await state(served)).split!],
          [
            ['b', 0.3],
            ['a', 0.7],
          ],
        );
        await tell(served, 'a', false);
        assert.deepEqual((await state(served)).versions, ['a', 'b'], 'a folder of before changes nothing');
        await tell(served, 'a');
        assert.deepEqual((await state(served)).versions, ['b', 'a'], 'one that is put back comes in front');
        assert.equal((await state(served)).split, undefined);
        await tell(served, 'c');
        await tell(served, 'd');
        assert.deepEqual((await state(served)).versions, ['a', 'c', 'd']);
        await tell(served, 'b', false);
        assert.deepEqual((await state(served)).versions, ['a', 'c', 'd'], 'nor does one that was forgotten');
      }));

    it('keep their files, byte by byte, as long as they are kept', () =>
      with_(async (served) => {
        const content = Array.from({ length: 300 }, (_, i) => i % 256);
        await tell(served, 'e', true, content);
        const [file] = await served.files(kind, name, 'e');
        assert.deepEqual([file!.path, [...file!.content]], ['deep/file', content]);
        for (const next of ['f', 'g', 'h']) await tell(served, next);
        assert.deepEqual(await served.files(kind, name, 'e'), []);
      }));
  });
}
