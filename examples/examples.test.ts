import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

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

  it('are all checked', () => {
    const files = readdirSync('examples')
      .sort()
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    assert.deepEqual(
      files.map((file) => file.slice(0, -'.ts'.length)),
      Object.keys(checks),
    );
  });
});
