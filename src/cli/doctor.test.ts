import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { diagnose, formatChecks } from './doctor.js';
import { checkCache, checkHub, checkMemory, checkNode, checkProcessor } from './doctor-checks.js';

const GIB = 2 ** 30;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-doctor-'));
});
after(() => rm(folder, { recursive: true }));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('diagnose', () => {
  it('finds that this machine, which runs the tests, can work', async () => {
    const cacheFolder = join(folder, 'cache');
    const checks = await diagnose({ cacheFolder, hub: { cacheFolder: join(folder, 'hub'), offline: true } });
    const names = [
      'Node.js',
      'Processor',
      'Memory',
      'ONNX Runtime',
      'WebAssembly',
      'DuckDB',
      'Cache',
      'Hub cache',
      'Hub',
    ];
    assert.deepEqual(
      checks.map(({ name }) => name),
      names,
    );
    const byName = new Map(checks.map((check) => [check.name, check]));
    for (const name of ['Node.js', 'ONNX Runtime', 'WebAssembly', 'DuckDB', 'Hub'])
      assert.equal(byName.get(name)!.status, 'ok', name);
    for (const name of ['ONNX Runtime', 'WebAssembly']) {
      assert.match(byName.get(name)!.detail, /at [1-9]\d* GFLOP\/s on \d+\.\d of \d+ cores/);
    }
    assert.match(byName.get('DuckDB')!.detail, /^v\d+\.\d+\.\d+/);
    assert.match(byName.get('Hub')!.detail, /offline/);
    assert.deepEqual(await readdir(cacheFolder), []);
  });
});

describe('the checks', () => {
  it('know which Node.js is too old', () => {
    const status = (version: string) => checkNode(version).status;
    assert.deepEqual(['18.20.4', '20.2.0', '20.3.0', '20.20.2', '22.0.0', '26.1.0'].map(status), [
      ...['fail', 'fail'],
      ...['ok', 'ok', 'ok', 'ok'],
    ]);
  });

  it('read the vector instructions of a processor', () => {
    const see = (flags: string) => checkProcessor('x64', `processor\t: 0\nflags\t\t: fpu ${flags} sse2\nbugs\t: x`);
    assert.match(see('avx2 avx512f avx512_vnni').detail, /AVX-512 and VNNI$/);
    assert.match(see('avx2 avx512f').detail, /AVX-512$/);
    assert.match(see('avx avx2').detail, /AVX2, without AVX-512/);
    assert.equal(see('avx').status, 'warn');
    assert.equal(checkProcessor('x64', undefined).status, 'ok');
    assert.deepEqual(checkProcessor('arm64', 'Features : asimd'), {
      name: 'Processor',
      status: 'ok',
      detail: 'arm64',
      fix: undefined,
    });
  });

  it('judge the memory that is left', () => {
    assert.deepEqual(
      [3 * GIB, GIB, GIB / 4].map((available) => checkMemory(available, 4 * GIB).status),
      ['ok', 'warn', 'fail'],
    );
    assert.match(checkMemory(GIB, 4 * GIB).detail, /^1\.0 of 4\.0 GiB/);
  });

  it('say which variable moves a cache that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const check = await checkCache('Cache', join(folder, 'file', 'cache'), 'SOFTPROMPT_CACHE');
    assert.equal(check.status, 'fail');
    assert.match(check.fix!, /SOFTPROMPT_CACHE/);
  });
});

describe('checkHub', () => {
  let server: Server;
  let answer: 'works' | 'refuses' | 'stalls' = 'works';
  let endpoint: string;
  before(async () => {
    server = createServer((_, response) => {
      if (answer === 'works') response.end('[]');
      if (answer === 'refuses') response.writeHead(401, { 'x-error-message': 'Invalid credentials' }).end();
    });
    endpoint = await listen(server);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('tells a hub that answers from one that refuses the token, stalls or is not there', async () => {
    const check = (options: { endpoint?: string; offline?: boolean }, timeoutMs?: number) =>
      checkHub({ endpoint, token: 'hf_x', offline: false, ...options }, timeoutMs);
    assert.deepEqual(await check({}), {
      name: 'Hub',
      status: 'ok',
      detail: `${endpoint} answers and takes the token`,
      fix: undefined,
    });
    answer = 'refuses';
    const refused = await check({});
    assert.equal(refused.status, 'warn');
    assert.match(refused.detail, /401 Invalid credentials/);
    answer = 'stalls';
    const stalled = await check({}, 100);
    assert.equal(stalled.status, 'warn');
    assert.match(stalled.detail, /sent nothing for 0\.1 s/);
    assert.match((await check({ endpoint: 'hf-mirror.com' })).fix!, /HF_ENDPOINT/);
    assert.equal((await check({ offline: true })).status, 'ok');
    const gone = createServer();
    const left = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    assert.match((await check({ endpoint: left })).detail, /cannot be reached/);
  });
});

describe('formatChecks', () => {
  it('aligns the lines, puts what to do below, and sums up', () => {
    const ok = { name: 'Memory', status: 'ok', detail: 'plenty', fix: undefined } as const;
    const warn = { name: 'Hub', status: 'warn', detail: 'slow', fix: 'Wait.' } as const;
    const fail = { name: 'Node.js', status: 'fail', detail: '12', fix: 'Install it.' } as const;
    assert.equal(
      formatChecks([ok, warn, fail]),
      [
        'ok    Memory   plenty',
        'warn  Hub      slow',
        '               Wait.',
        'fail  Node.js  12',
        '               Install it.',
        '',
        '1 of 3 checks failed: softprompt cannot work until they are mended.',
      ].join('\n'),
    );
    assert.match(formatChecks([ok, warn]), /\n\nReady, with 1 warning\.$/);
    assert.match(formatChecks([ok]), /\n\nReady\.$/);
  });
});
