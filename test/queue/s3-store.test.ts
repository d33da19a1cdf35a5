import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ContentStore, copyVerified } from '../../src/queue/content-store.js';
import { openStore } from '../../src/queue/open-store.js';
import { fetchTree, putTree, treeAt } from '../../src/queue/trees.js';
import { type S3Server, s3Server } from './s3-server.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-s3-'));
const at = (name: string) => join(scratch, name);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const CONTENT = randomBytes(700_000);
const HASH = hashOf(CONTENT);
const KEY = `jobs/objects/${HASH.slice(0, 2)}/${HASH}`;

describe('a store in S3', () => {
  let server: S3Server;
  let store: ContentStore;
  const outside = { ...process.env };
  before(async () => {
    server = await s3Server();
    Object.assign(process.env, server.env);
    store = await openStore('s3://files/jobs/');
    writeFileSync(at('content'), CONTENT);
  });
  beforeEach(() => {
    server.objects.clear();
    server.asked.length = 0;
    server.plain = false;
    for (const list of Object.values(server.faults)) list.length = 0;
  });
  after(async () => {
    process.env = outside;
    await server.close();
    rmSync(scratch, { recursive: true });
  });
  const fetched = async () => {
    await copyVerified(await store.open(HASH), at('fetched'), HASH);
    return readFileSync(at('fetched'));
  };

  test('keeps files and bytes by their hash, once, and gives them back', async () => {
    assert.equal(await store.has(HASH), false);
    await store.put(HASH, at('content'));
    assert.equal(await store.has(HASH), true);
    assert.deepEqual([...server.objects.keys()], [KEY]);
    assert.deepEqual(await fetched(), CONTENT);
    await store.put(HASH, CONTENT);
    const empty = hashOf(Buffer.alloc(0));
    await store.put(empty, Buffer.alloc(0));
    assert.equal(server.objects.size, 2);
    await copyVerified(await store.open(empty), at('empty'), empty);
    assert.equal(readFileSync(at('empty')).length, 0);
  });

  test('a folder goes there and comes back as a tree', async () => {
    const tree = await treeAt(at('content'), at('cache'));
    const hash = await putTree(store, tree, scratch);
    await fetchTree(store, hash, at('elsewhere'));
    assert.deepEqual(readFileSync(join(at('elsewhere'), 'content')), CONTENT);
  });

  test('what changed while it was sent is not kept', async () => {
    const other = hashOf(Buffer.from('another'));
    await assert.rejects(store.put(other, at('content')), { code: 'QUEUE_CONTENT_DAMAGED' });
    assert.equal(server.objects.size, 0);
  });

  test('errors of the server pass: both ways it is asked again', async () => {
    server.faults.PUT.push(500, 503);
    server.faults.HEAD.push(500);
    server.faults.GET.push(503, 500);
    await store.put(HASH, at('content'));
    assert.equal(await store.has(HASH), true);
    assert.deepEqual(await fetched(), CONTENT);
    assert.equal(server.asked.filter((one) => one.startsWith('PUT')).length, 3);
  });

  test('a broken download goes on where it broke, with ranges and without', async () => {
    await store.put(HASH, at('content'));
    for (const plain of [false, true]) {
      server.plain = plain;
      server.faults.GET.push('torn', 'torn');
      assert.deepEqual(await fetched(), CONTENT);
    }
  });

  test('what ends too early, or is other bytes, is found out and not used', async () => {
    await store.put(HASH, at('content'));
    rmSync(at('fetched'), { force: true });
    server.faults.GET.push('cut');
    await assert.rejects(fetched(), { code: 'QUEUE_CONTENT_DAMAGED' });
    const tree = await treeAt(at('content'), at('cache'));
    const hash = await putTree(store, tree, scratch);
    server.objects.set(KEY, randomBytes(700_000));
    await assert.rejects(fetchTree(store, hash, at('spoilt')), { code: 'QUEUE_CONTENT_DAMAGED' });
    assert.equal(existsSync(join(at('spoilt'), 'content')), false);
  });

  test('a server without conditions gets the same bytes twice, which does no harm', async () => {
    server.plain = true;
    await store.put(HASH, at('content'));
    await store.put(HASH, at('content'));
    assert.deepEqual(server.objects.get(KEY), CONTENT);
  });

  test('what is not there, is forbidden, or never answers is said', async () => {
    await assert.rejects(store.open(HASH), { code: 'QUEUE_CONTENT_MISSING' });
    const none = await openStore('s3://other');
    await assert.rejects(none.put(HASH, at('content')), { code: 'QUEUE_STORE_UNREACHABLE', message: /NoSuchBucket/ });
    server.faults.GET.push(500, 500, 500, 500, 500);
    await assert.rejects(store.open(HASH), { code: 'QUEUE_STORE_UNREACHABLE', message: /500/ });
    process.env.AWS_ACCESS_KEY_ID = 'stranger';
    const foreign = await openStore('s3://files');
    await assert.rejects(foreign.has(HASH), { code: 'QUEUE_STORE_UNREACHABLE', message: /403.*s3:GetObject/s });
    process.env.AWS_ACCESS_KEY_ID = server.env.AWS_ACCESS_KEY_ID;
    await assert.rejects(openStore('s3://'), { code: 'QUEUE_STORE' });
  });
});
