import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type HubOptions, locateModel } from '../src/hub/hub.js';
import { openCheckpoint } from '../src/network/checkpoint/open-checkpoint.js';
import { promptNetwork } from '../src/network/prompt-network.js';
import { NOTHING } from '../src/network/trainable.js';
import { COMMIT, type FakeHub, gitSha1, type Recorded, sha256, startFakeHub } from './fake-hub.js';

const WEIGHTS = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 2654435761) >>> 24));
const HALF = 200_000;
const FILES = { 'config.json': '{"a":1}', 'tokenizer.json': '{"b":2}', 'model.safetensors': WEIGHTS };
const ID = 'org/tiny';
const BLOB = sha256(WEIGHTS);

let folder: string;
let cacheFolder: string;
let hub: FakeHub;
const savedEnvironment = { ...process.env };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-hub-'));
  for (const name of Object.keys(process.env))
    if (/^(HF_|HUGGINGFACE|TRANSFORMERS_)/.test(name)) delete process.env[name];
  process.env.HF_HOME = join(folder, 'home');
});
after(async () => {
  process.env = savedEnvironment;
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(folder, 'cache-'));
  hub = await startFakeHub({ [ID]: { files: { ...FILES, 'README.md': '# tiny', 'pytorch_model.bin': WEIGHTS } } });
});
afterEach(() => hub.close());

async function resolve(source = ID, options: HubOptions = {}): Promise<string> {
  const { endpoint } = hub;
  return (await locateModel(source, { endpoint, cacheFolder, patience: { delayMs: 1 }, ...options })).path;
}

const repository = (): string => join(cacheFolder, 'models--org--tiny');
const partial = (): string => join(repository(), 'blobs', `${BLOB}.softprompt.incomplete`);
const fetchesOfWeights = (): Recorded[] => hub.requests.filter(({ server }) => server === 'storage');

/** Lets the storage fail `times` times in its own way, and then work. */
function failStorage(times: number, fail: (response: ServerResponse, request: Recorded) => void): void {
  let left = times;
  hub.fault = (request, response) => {
    if (request.server !== 'storage' || left-- <= 0) return false;
    fail(response, request);
    return true;
  };
}

function sendHalf(response: ServerResponse, then: () => void = () => {}): void {
  response.writeHead(200, { 'content-length': WEIGHTS.length });
  response.write(WEIGHTS.subarray(0, HALF), then);
}

async function assertWhole(model: string): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    assert.ok((await readFile(join(model, name))).equals(Buffer.from(content)), name);
  }
}

describe('locateModel', () => {
  it('returns a path that exists as it is, without asking anyone', async () => {
    assert.equal(await resolve('test/fixtures/models'), 'test/fixtures/models');
    assert.deepEqual(hub.requests, []);
  });

  it("downloads what a model needs, and no more, into huggingface_hub's layout", async () => {
    const heard = new Map<string, number[]>();
    const model = await resolve(ID, {
      onProgress: ({ file, bytes, totalBytes }) => {
        heard.set(file, [...(heard.get(file) ?? []), bytes]);
        assert.equal(totalBytes, Buffer.byteLength(FILES[file as keyof typeof FILES]));
      },
    });
    assert.equal(model, join(repository(), 'snapshots', COMMIT));
    await assertWhole(model);
    assert.deepEqual((await readdir(model)).sort(), Object.keys(FILES).sort());
    assert.equal(await readFile(join(repository(), 'refs', 'main'), 'utf8'), COMMIT);
    assert.deepEqual(
      (await readdir(join(repository(), 'blobs'))).sort(),
      [BLOB, gitSha1(Buffer.from('{"a":1}')), gitSha1(Buffer.from('{"b":2}'))].sort(),
    );
    assert.equal(await readlink(join(model, 'model.safetensors')), join('..', '..', 'blobs', BLOB));
    assert.deepEqual([...heard.keys()], Object.keys(FILES));
    assert.equal(heard.get('model.safetensors')!.at(-1), WEIGHTS.length);
    assert.deepEqual(
      heard.get('model.safetensors'),
      [...heard.get('model.safetensors')!].sort((a, b) => a - b),
    );
  });

  it('finds what is cached: a branch costs one question, a commit none', async () => {
    const model = await resolve();
    hub.requests.length = 0;
    assert.equal(await resolve(), model);
    assert.deepEqual(
      hub.requests.map(({ path }) => path),
      [`/api/models/${ID}/revision/main?blobs=true`],
    );
    hub.requests.length = 0;
    assert.equal(await resolve(`${ID}@${COMMIT}`), model);
    assert.deepEqual(hub.requests, []);
  });

  it('asks the hub whether a commit of which a GGUF file is cached has other weights', async () => {
    hub.repositories[ID] = { files: { 'tiny-q8.gguf': WEIGHTS, 'q4.gguf': 'four' } };
    const named = await resolve(`${ID}@${COMMIT}:q4.gguf`);
    await assert.rejects(resolve(`${ID}@${COMMIT}`), { code: 'HUB_FILES' });
    assert.equal(await resolve(`${ID}@${COMMIT}`, { offline: true }), named);
  });

  it('takes up a new commit of a branch, and keeps the blobs that are the same', async () => {
    await resolve();
    const next = 'f'.repeat(40);
    hub.repositories[ID] = { commit: next, files: { ...FILES, 'config.json': '{"a":3}' } };
    hub.requests.length = 0;
    const model = await resolve();
    assert.equal(model, join(repository(), 'snapshots', next));
    assert.equal(await readFile(join(model, 'config.json'), 'utf8'), '{"a":3}');
    assert.deepEqual(fetchesOfWeights(), []);
    assert.equal(await readFile(join(repository(), 'refs', 'main'), 'utf8'), next);
  });

  it('takes tags, pull requests and options as revision', async () => {
    const model = join(repository(), 'snapshots', COMMIT);
    assert.equal(await resolve(`${ID}@v1`), model);
    assert.equal(await resolve(`${ID}@refs/pr/1`), model);
    assert.equal(await readFile(join(repository(), 'refs', 'refs', 'pr', '1'), 'utf8'), COMMIT);
    await assert.rejects(resolve(`${ID}@v1`, { revision: 'v2' }), { code: 'HUB_NOT_FOUND' });
  });

  it('downloads the shards that the index names', async () => {
    const index = { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-1.safetensors' } };
    const files = { ...FILES, 'model.safetensors.index.json': JSON.stringify(index) } as Record<
      string,
      string | Buffer
    >;
    delete files['model.safetensors'];
    const shards = { 'model-1.safetensors': WEIGHTS, 'model-2.safetensors': 'two', 'model-3.safetensors': 'three' };
    hub.repositories[ID] = { files: { ...files, ...shards } };
    const model = await resolve();
    assert.ok(existsSync(join(model, 'model-1.safetensors')) && existsSync(join(model, 'model-2.safetensors')));
    assert.ok(!existsSync(join(model, 'model-3.safetensors')));
    assert.equal(await resolve(ID, { offline: true }), model);
    await rm(join(model, 'model-2.safetensors'));
    await assert.rejects(resolve(ID, { offline: true }), { code: 'HUB_OFFLINE' });
    hub.repositories[ID] = { files: { ...files, 'model-1.safetensors': WEIGHTS } };
    await assert.rejects(resolve(), { code: 'HUB_ANSWER_INVALID', message: /lacks the shards model-2\.safetensors/ });
  });

  it('downloads one GGUF file: the only one, or the one that is named', async () => {
    hub.repositories[ID] = { files: { 'tiny-q8.gguf': WEIGHTS } };
    const expected = join(repository(), 'snapshots', COMMIT, 'tiny-q8.gguf');
    assert.equal(await resolve(), expected);
    assert.equal(await resolve(ID, { offline: true }), expected);
    hub.repositories[ID] = { files: { 'tiny-q8.gguf': WEIGHTS, 'sub dir/q4.gguf': 'four', ...FILES } };
    const named = await resolve(`${ID}:sub dir/q4.gguf`);
    assert.equal(await readFile(named, 'utf8'), 'four');
    assert.equal(await resolve(ID, { file: 'sub dir/q4.gguf', offline: true }), named);
    await assert.rejects(resolve(`${ID}:q5.gguf`), {
      code: 'HUB_NOT_FOUND',
      message: /tiny-q8\.gguf, sub dir\/q4\.gguf/,
    });
  });

  it('refuses a repository without a usable model before anything is downloaded', async () => {
    const refused = async (files: Record<string, string>, message: RegExp): Promise<void> => {
      hub.repositories[ID] = { files };
      await assert.rejects(resolve(), { code: 'HUB_FILES', message });
    };
    await refused({ 'config.json': '', 'pytorch_model.bin': '' }, /no tokenizer\.json/);
    await refused({ 'config.json': '', 'tf_model.h5': '' }, /neither safetensors, nor PyTorch's weights, nor a GGUF/);
    await refused({ 'config.json': '', 'model.safetensors': '' }, /no tokenizer\.json/);
    await refused({ 'a.gguf': '', 'b.gguf': '' }, /org\/tiny:a\.gguf/);
    assert.ok(hub.requests.every(({ path }) => path.startsWith('/api/')));
  });

  it('asks for the headers of files where a mirror lists only names', async () => {
    hub.listsBlobs = false;
    await assertWhole(await resolve());
    const heads = hub.requests.filter(({ method }) => method === 'HEAD').map(({ path }) => path.split('/').at(-1));
    assert.deepEqual(heads.filter((name) => name === 'model.safetensors').length, 1);
    assert.ok((await readdir(join(repository(), 'blobs'))).includes(BLOB));
  });

  it('is not led out of its folder by names, and explains what is no source at all', async () => {
    hub.repositories[ID] = {
      files: { ...FILES, 'model.safetensors': '', '../../evil.gguf': WEIGHTS, 'model.safetensors.index.json': '' },
    };
    await assert.rejects(resolve(`${ID}:../../evil.gguf`), { code: 'MODEL_SOURCE_UNKNOWN' });
    for (const source of ['./missing', '/no/such/folder', 'a/b/c', 'weights.gguf', 'org/..', 'org/tiny@../../x', '']) {
      await assert.rejects(resolve(source), { code: 'MODEL_SOURCE_UNKNOWN' }, source);
    }
    assert.deepEqual(hub.requests, []);
  });

  it('says what was probably meant by a name that is neither here nor on the hub', async () => {
    const meant: [string, RegExp][] = [
      ['embeded', /Did you mean embedded\?/],
      ['Embedded', /Did you mean embedded\?/],
      ['bilingual-6M', /Did you mean embedded\?/],
      ['https://huggingface.co/org/tiny/tree/v1', /Did you mean org\/tiny@v1\?/],
      ['https://huggingface.co/org/tiny/blob/main/tiny-q8.gguf', /Did you mean org\/tiny:tiny-q8\.gguf\?/],
      ['org/tiny/tiny-q8.gguf', /Did you mean org\/tiny:tiny-q8\.gguf\?/],
      ['org/tiny/', /Did you mean org\/tiny\?/],
      ['org/tiny:Q4_K_M', /After the colon the name of the file/],
      ['./test/fixtures/model', /Did you mean .*test\/fixtures\/models\?/],
    ];
    for (const [source, message] of meant) {
      await assert.rejects(resolve(source), { code: 'MODEL_SOURCE_UNKNOWN', message }, source);
    }
    assert.deepEqual(hub.requests, [], 'the hub is not asked');
    for (const offline of [false, true]) {
      await assert.rejects(resolve('test/fixture', { offline }), {
        code: 'MODEL_SOURCE_UNKNOWN',
        message: /no file or folder 'test\/fixture'.*Did you mean test\/fixtures\?/,
      });
    }
  });

  it('renames of repositories are followed', async () => {
    hub.fault = ({ path }, response) => {
      if (!path.includes('old/name')) return false;
      response.writeHead(307, { location: path.replace('old/name', ID) }).end();
      return true;
    };
    await assertWhole(await resolve('old/name'));
  });
});

describe('locateModel with a token', () => {
  it("sends it to the endpoint and never to the origin that holds the files' content", async () => {
    await resolve(ID, { token: 'hf_secret' });
    assert.ok(fetchesOfWeights().length > 0);
    for (const { server, authorization } of hub.requests) {
      assert.equal(authorization, server === 'hub' ? 'Bearer hf_secret' : undefined);
    }
  });

  it('says how to pass one to a gated model, and that one may not be enough', async () => {
    hub.fault = ({ authorization }, response) => {
      const status = authorization === undefined ? 401 : 403;
      response.writeHead(status, { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access is restricted.' }).end();
      return true;
    };
    await assert.rejects(resolve(), { code: 'HUB_FORBIDDEN', message: /401 Access is restricted.*Accept.*HF_TOKEN/ });
    await assert.rejects(resolve(ID, { token: 'hf_x' }), {
      code: 'HUB_FORBIDDEN',
      message: /403.*a token that may read/,
    });
    assert.equal(hub.requests.length, 2);
  });
});

describe('locateModel in trouble', () => {
  it('asks the hub again where the storage refuses, as it does an address that is too old', async () => {
    failStorage(1, (response) => response.writeHead(403).end());
    await assertWhole(await resolve());
    assert.equal(hub.requests.filter(({ path }) => path.endsWith('/model.safetensors')).length, 2);
  });

  it('says what is not found: repository, revision, file', async () => {
    await assert.rejects(resolve('org/none'), {
      code: 'HUB_NOT_FOUND',
      message: /org\/none.*a repository that exists/,
    });
    await assert.rejects(resolve(`${ID}@v2`), { code: 'HUB_NOT_FOUND', message: /a branch, tag or commit/ });
    hub.fault = ({ path }, response) => {
      if (!path.endsWith('tokenizer.json')) return false;
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return true;
    };
    await assert.rejects(resolve(), { code: 'HUB_NOT_FOUND', message: /tokenizer\.json answered 404.*a file of/ });
  });

  it('continues after a connection that breaks mid-file', async () => {
    failStorage(1, (response) => sendHalf(response, () => setTimeout(() => response.destroy(), 50)));
    await assertWhole(await resolve());
    assert.deepEqual(
      fetchesOfWeights().map(({ range }) => range),
      [undefined, `bytes=${HALF}-`],
    );
  });

  it('continues after a stall mid-file', async () => {
    failStorage(1, (response) => sendHalf(response));
    await assertWhole(await resolve(ID, { patience: { stallMs: 1000, delayMs: 1 } }));
    assert.deepEqual(
      fetchesOfWeights().map(({ range }) => range),
      [undefined, `bytes=${HALF}-`],
    );
  });

  it('does not give up while bytes come, however often the connection breaks', async () => {
    failStorage(10, (response, { range }) => {
      const start = Number(/\d+/.exec(range ?? '')?.[0] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': WEIGHTS.length - start,
        'content-range': `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}`,
      });
      response.write(WEIGHTS.subarray(start, start + 1000), () => setTimeout(() => response.destroy(), 150));
    });
    await assertWhole(await resolve(ID, { patience: { attempts: 2, delayMs: 1 } }));
    assert.equal(fetchesOfWeights().length, 11);
  });

  it('gives up when nothing comes, and keeps the part for the next run', async () => {
    failStorage(1, (response) => sendHalf(response));
    const fault = hub.fault;
    hub.fault = (request, response) => fault(request, response) || request.server === 'storage';
    const impatient = { patience: { stallMs: 500, attempts: 3, delayMs: 1 } };
    await assert.rejects(resolve(ID, impatient), {
      code: 'HUB_UNREACHABLE',
      message: /sent nothing for 0\.5 s.*is kept/,
    });
    assert.equal(fetchesOfWeights().length, 3);
    assert.equal((await readFile(partial())).length, HALF);
    hub.fault = () => false;
    await assertWhole(await resolve());
    assert.equal(fetchesOfWeights().at(-1)!.range, `bytes=${HALF}-`);
  });

  it('starts anew where the server cannot continue', async () => {
    await mkdir(join(repository(), 'blobs'), { recursive: true });
    await writeFile(partial(), WEIGHTS.subarray(0, HALF));
    failStorage(1, (response) => response.writeHead(200).end(WEIGHTS));
    await assertWhole(await resolve());
    assert.equal(fetchesOfWeights().length, 1);
  });

  it('tries once more when a part from an earlier run was wrong', async () => {
    await mkdir(join(repository(), 'blobs'), { recursive: true });
    await writeFile(partial(), Buffer.alloc(HALF));
    await assertWhole(await resolve());
    assert.deepEqual(
      fetchesOfWeights().map(({ range }) => range),
      [`bytes=${HALF}-`, undefined],
    );
  });

  it('refuses and removes a file with a wrong checksum, large or small, or of a wrong length', async () => {
    const wrong = Buffer.from(WEIGHTS);
    wrong[1234]! ^= 1;
    failStorage(1, (response) => response.writeHead(200).end(wrong));
    await assert.rejects(resolve(), {
      code: 'HUB_CHECKSUM',
      message: new RegExp(`${sha256(wrong)}.*${BLOB}.*removed`),
    });
    failStorage(1, (response) => response.writeHead(200).end(Buffer.concat([WEIGHTS, WEIGHTS])));
    await assert.rejects(resolve(), { code: 'HUB_CHECKSUM', message: /more than 400000 bytes/ });
    failStorage(9, (response, { range }) => {
      response.writeHead(range === undefined ? 200 : 416).end(range === undefined ? WEIGHTS.subarray(0, 9) : '');
    });
    await assert.rejects(resolve(), { code: 'HUB_UNREACHABLE', message: /after 9 of 400000|continue at byte 9/ });
    const blobs = await readdir(join(repository(), 'blobs'));
    assert.ok(!blobs.includes(BLOB));
    assert.equal(blobs.length, 2);

    await rm(repository(), { recursive: true });
    hub.fault = ({ path }, response) => {
      if (!path.endsWith('/config.json')) return false;
      response.writeHead(200).end('{"a":9}');
      return true;
    };
    await assert.rejects(resolve(), { code: 'HUB_CHECKSUM', message: /config\.json/ });
    assert.deepEqual(await readdir(join(repository(), 'blobs')), []);
  });

  it('tries again after 5xx, and waits after 429 as long as it is asked to', async () => {
    let answers = 0;
    const times: number[] = [];
    hub.fault = (_, response) => {
      times.push(performance.now());
      answers++;
      if (answers === 1) response.writeHead(503).end();
      else if (answers === 2) response.writeHead(429, { 'retry-after': '1' }).end();
      else return false;
      return true;
    };
    await assertWhole(await resolve());
    assert.ok(times[2]! - times[1]! >= 990, 'a second before the third request');

    hub.fault = (_, response) => Boolean(response.writeHead(502).end());
    await assert.rejects(resolve('org/other'), { code: 'HUB_UNREACHABLE', message: /answered 502 Bad Gateway/ });
    hub.requests.length = 0;
    hub.fault = (_, response) => Boolean(response.writeHead(429, { ratelimit: '"api";r=0;t=5000' }).end());
    await assert.rejects(resolve('org/other'), { code: 'HUB_UNREACHABLE', message: /asks to wait 5000 seconds/ });
    assert.equal(hub.requests.length, 1);
  });

  it('says that there is no network and what to do instead; a whole copy in the cache serves', async () => {
    const model = await resolve();
    await hub.close();
    assert.equal(await resolve(), model);
    const message = /cannot be reached.*ECONNREFUSED.*may be offline.*give its folder.*HF_ENDPOINT/;
    await assert.rejects(resolve('org/other'), { code: 'HUB_UNREACHABLE', message });
    await rm(join(model, 'tokenizer.json'));
    await assert.rejects(resolve(), { code: 'HUB_UNREACHABLE', message });
  });

  it('does not use an old copy of what the hub has refused or no longer has', async () => {
    await resolve();
    hub.fault = (_, response) => Boolean(response.writeHead(403).end());
    await assert.rejects(resolve(), { code: 'HUB_FORBIDDEN' });
    hub.fault = (_, response) => Boolean(response.writeHead(404).end());
    await assert.rejects(resolve(), { code: 'HUB_NOT_FOUND' });
  });

  it('in offline mode takes what is cached and asks no one', async () => {
    await assert.rejects(resolve(ID, { offline: true }), { code: 'HUB_OFFLINE', message: /org\/tiny.*HF_HUB_OFFLINE/ });
    assert.deepEqual(hub.requests, []);
    const model = await resolve();
    hub.requests.length = 0;
    assert.equal(await resolve(ID, { offline: true }), model);
    assert.deepEqual(hub.requests, []);
  });

  it('explains an answer that is not of a hub', async () => {
    hub.fault = (_, response) => Boolean(response.writeHead(200).end('<html>Please log in to the wireless network'));
    await assert.rejects(resolve(), { code: 'HUB_ANSWER_INVALID', message: /no listing.*HF_ENDPOINT/ });
    hub.fault = (_, response) => Boolean(response.writeHead(302, { location: '/again' }).end());
    await assert.rejects(resolve(), { code: 'HUB_ANSWER_INVALID', message: /redirects more than 10 times/ });
    hub.fault = (_, response) => Boolean(response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await assert.rejects(resolve(), { code: 'HUB_ANSWER_INVALID', message: /redirects to 'file:/ });
    const sha = COMMIT.toUpperCase();
    hub.fault = (_, response) => Boolean(response.end(JSON.stringify({ sha, siblings: [] })));
    await assert.rejects(resolve(), { code: 'HUB_ANSWER_INVALID' });
  });

  it('says when the disk is full, and continues where it stopped', async (t) => {
    const file = await open(join(folder, 'any'), 'w');
    const prototype = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const { write } = prototype;
    t.mock.method(prototype, 'write', function (this: FileHandle, ...parameters: Parameters<FileHandle['write']>) {
      const [, , , position] = parameters as unknown as number[];
      if (position! < 100_000) return write.apply(this, parameters);
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      });
      return Promise.reject(full);
    });
    await assert.rejects(resolve(), { code: 'CACHE_UNWRITABLE', message: /no space left.*HF_HUB_CACHE/ });
    const { length } = await readFile(partial());
    assert.ok(length >= 100_000 && length < WEIGHTS.length);
    t.mock.restoreAll();
    await assertWhole(await resolve());
    assert.equal(fetchesOfWeights().at(-1)!.range, `bytes=${length}-`);
  });

  it('compares the room on the disk with what is to come', async () => {
    hub.repositories[ID] = { files: { ...FILES } };
    hub.fault = ({ path }, response) => {
      if (!path.startsWith('/api/')) return false;
      const file = (rfilename: string, size: number) => ({ rfilename, lfs: { sha256: BLOB, size } });
      const siblings = [file('config.json', 1), file('tokenizer.json', 1), file('model.safetensors', 2 ** 52)];
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
      return true;
    };
    await assert.rejects(resolve(), { code: 'CACHE_UNWRITABLE', message: /MiB free.*Expected 4294967297 MiB/ });
    assert.ok(hub.requests.every(({ path }) => path.startsWith('/api/')));
  });

  it('says when the cache folder cannot be made', async () => {
    await writeFile(join(folder, 'a file'), '');
    await assert.rejects(resolve(ID, { cacheFolder: join(folder, 'a file') }), { code: 'CACHE_UNWRITABLE' });
  });

  it('stops on abort, keeps the part, and continues it in the next run', async () => {
    const stop = new AbortController();
    const reason = new Error('Ctrl-C');
    failStorage(1, (response) => sendHalf(response));
    const onProgress: HubOptions['onProgress'] = ({ bytes }) => {
      if (bytes === HALF) stop.abort(reason);
    };
    await assert.rejects(resolve(ID, { signal: stop.signal, onProgress }), reason);
    assert.equal((await readFile(partial())).length, HALF);
    await assertWhole(await resolve());
    assert.equal(fetchesOfWeights().at(-1)!.range, `bytes=${HALF}-`);
    await assert.rejects(resolve(ID, { signal: stop.signal }), reason);
  });
});

describe('locateModel beside another process', () => {
  const lock = (): string => join(cacheFolder, '.locks', 'models--org--tiny', `${BLOB}.softprompt.lock`);

  async function leaveLock(content: string): Promise<void> {
    await mkdir(join(cacheFolder, '.locks', 'models--org--tiny'), { recursive: true });
    await writeFile(lock(), content);
  }

  it('downloads a file once when several want it', async () => {
    const models = await Promise.all([resolve(), resolve(), resolve()]);
    assert.equal(new Set(models).size, 1);
    await assertWhole(models[0]!);
    assert.equal(fetchesOfWeights().length, 1);
    assert.ok(!existsSync(lock()));
  });

  it('waits for the lock of a living process, and can be stopped while it waits', async () => {
    await leaveLock(JSON.stringify({ host: hostname(), pid: process.pid }));
    const stop = AbortSignal.timeout(500);
    await assert.rejects(resolve(ID, { signal: stop }), { name: 'TimeoutError' });
    assert.deepEqual(fetchesOfWeights(), []);
  });

  it('takes over the lock of a process that is gone, and one that no one has touched for long', async () => {
    await leaveLock(JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1 }));
    await assertWhole(await resolve());
    await rm(repository(), { recursive: true });
    await leaveLock(JSON.stringify({ host: 'elsewhere', pid: 1 }));
    await utimes(lock(), new Date(0), new Date(0));
    await assertWhole(await resolve());
    assert.ok(!existsSync(lock()));
  });
});

describe('a downloaded model', () => {
  it('is mapped through the links of the cache, and scores as the folder does', async () => {
    const source = 'test/fixtures/models/llama-tied';
    const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
    const contents = await Promise.all(names.map((name) => readFile(join(source, name))));
    hub.repositories['org/llama'] = { files: Object.fromEntries(names.map((name, i) => [name, contents[i]!])) };
    const scores = async (model: string): Promise<Float32Array> => {
      const checkpoint = await openCheckpoint(model, { cacheFolder: join(folder, 'weights') });
      const options = { loss: 'vocabulary', trainable: NOTHING, sharedRows: 0, maxPositions: 8 } as const;
      const network = promptNetwork(checkpoint, options);
      const candidates = [Int32Array.of(5, 6), Int32Array.of(7)];
      const sequence = { context: Int32Array.of(1, 2, 3), candidates, target: undefined };
      return network.logits(new Float32Array(0), [sequence]).finally(() => network.release());
    };
    const downloaded = await scores(await resolve('org/llama'));
    assert.ok(downloaded.every((score) => score < 0));
    assert.deepEqual(downloaded, await scores(source));
  });
});
