import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { recommend } from 'softprompt';
import { items, orders } from './made-up-shop.js';

/** Every example runs as a user runs it, and says what its comments promise. */
describe('examples', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softprompt-examples-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string) => resolve(`dist/examples/${name}.js`);
  const fixtures = resolve('test/fixtures/peft');

  /** From a folder that holds nothing of the checkout. */
  const run = async (name: string, ...args: string[]): Promise<string> => {
    const env = { ...process.env, TMPDIR: folder, SOFTPROMPT_CACHE: join(folder, 'cache') };
    const { stdout } = await promisify(execFile)(process.execPath, [program(name), ...args], { env, cwd: folder });
    return stdout;
  };

  const checks: Readonly<Record<string, (output: string) => void>> = {
    autodiff: (output) => {
      assert.match(output, /%7: float32\[B, 1\] = matmul\(%5, %6\) transposeB/);
      const answers = output
        .match(/1 xor 1 = (.*)/)![1]!
        .split(', ')
        .map(Number);
      assert.deepEqual(answers.map(Math.round), [0, 1, 1, 0]);
    },
    'peft-roundtrip': (output) => {
      assert.match(output, /PEFT's prompt: 4 learned tokens, \d+ wide/);
      assert.match(output, /With PEFT's prompt: (positive|negative), positive [01]\.\d+/);
      assert.ok(Number(output.match(/the prompt moved by (\S+);/)![1]) > 0);
      assert.ok(existsSync(join(output.match(/PEFT loads (.*)/)![1]!, 'adapter_model.safetensors')));
    },
    sentiment: (output) => {
      assert.match(output, /step 30: \d+ % right/);
      for (const row of ['learned prompt', 'written prompt', 'majority class']) assert.match(output, new RegExp(row));
      for (const [, share] of output.matchAll(/(?:positive|negative) \((\S+) %\)/g)) assert.ok(Number(share) >= 50);
    },
    templates: (output) => {
      assert.match(output, /<0>\|<1>\|<2>\|<3>\|a\| /);
      assert.match(output, /unlearned {3}\{text\} It was\{label\} to me/);
      assert.match(output, /TEMPLATE_INVALID: .* at column 22/);
    },
  };

  for (const [name, check] of Object.entries(checks))
    it(`${name}, without arguments`, async () => check(await run(name)));

  it("PEFT's own prompt, and another model", async () => {
    const output = await run('peft-roundtrip', join(fixtures, 'model'), join(fixtures, 'prompt'));
    checks['peft-roundtrip']!(output);
    assert.match(output, /32 wide/);
    checks.templates!(await run('templates', join(fixtures, 'model')));
  });

  it('express: recommendations with reasons over HTTP, and what is not known is answered', async () => {
    const server = spawn(process.execPath, [program('express')], {
      env: { ...process.env, PORT: '0', TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        server.stdout.once('data', (line: Buffer) => resolve(String(line).trim()));
        server.once('exit', () => reject(new Error('the server ended')));
      });
      const list = (await (await fetch(address)).json()) as { title: string; because: string[] }[];
      assert.equal(list.length, 5);
      assert.ok(list.some(({ because }) => because.length > 0));
      const basket = await fetch(address.replace('/person-1', '?history=tea-1,cups-2'));
      assert.equal(((await basket.json()) as unknown[]).length, 5);
      const nobody = await fetch(address.replace('person-1', 'nobody'));
      assert.equal(nobody.status, 404);
      assert.equal(((await nobody.json()) as { code: string }).code, 'RECOMMEND_REQUEST');
    } finally {
      server.kill();
    }
  });

  it('next-route: the handler answers as Next.js calls it, from a folder that was fitted before', async () => {
    const fitted = await recommend.fit(orders, { items, refit: false, network: { width: 8, epochs: 1 }, threads: 1 });
    process.env.SHOP = join(folder, 'next-shop');
    await fitted.save(process.env.SHOP);
    await fitted.close();
    const { GET } = await import('./next-route.js');
    const answer = await GET(new Request('http://localhost/api/recommendations?user=person-1'));
    assert.equal(answer.status, 200);
    const list = (await answer.json()) as { title: string }[];
    assert.equal(list.length, 5);
    assert.ok(list.every(({ title }) => title.length > 0));
    assert.equal((await GET(new Request('http://localhost/api/recommendations?user=nobody'))).status, 404);
  });

  it('walk-through: its cells run in order and say what the text promises', async () => {
    const cells = [...readFileSync('examples/walk-through.md', 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, cell]) => cell!,
    );
    assert.ok(cells.length >= 6);
    const imports = cells.flatMap((cell) => cell.match(/^import .*$/gm) ?? []);
    const code = cells.map((cell) => cell.replace(/^import .*$/gm, '').replaceAll('!', '')).join('\n');
    const file = resolve('dist/examples/walk-through-cells.mjs');
    writeFileSync(file, `${imports.join('\n')}\n${code}`);
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file], {
        env: { ...process.env, TMPDIR: folder },
      });
      assert.match(stdout, /720 orders, 24 things/);
      assert.match(stdout, /^Of \d+ people, \d+ found their next choice/m);
      assert.equal(stdout.match(/, because of /g)?.length, 3);
      assert.match(stdout, /times the average/);
      assert.match(stdout, /\[[^\]]*tea[^\]]*\]\s*$/, 'a new tea is like teas');
    } finally {
      rmSync(file);
    }
  });

  it('are all checked', () => {
    const files = readdirSync('examples')
      .sort()
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    assert.deepEqual(
      files.map((file) => file.slice(0, -'.ts'.length)),
      [...Object.keys(checks), 'express', 'made-up-shop', 'next-route'].sort(),
    );
  });
});
