import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const README = readFileSync('README.md', 'utf8');
const CLI = resolve('dist/src/cli/main.js');
const MODEL = resolve('test/fixtures/peft/model');

/** The README's own commands and code, run on the tiny fixture in place of the hub's model. */
describe('README', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softprompt-readme-'));
    const rows = blocks('json')[0]!.trim().split('\n');
    const more = rows.flatMap((row) => Array.from({ length: 20 }, (_, i) => row.replace('"a ', `"${i} a `)));
    writeFileSync(join(folder, 'reviews.jsonl'), `${more.join('\n')}\n`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (command: string, args: readonly string[]): Promise<string> => {
    const env = { ...process.env, SOFTPROMPT_CACHE: join(folder, 'cache') };
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env });
    return stdout;
  };

  it('the quick start of the command line', async () => {
    const script = onFixture(blocks('sh')[0]!).replaceAll('npx softprompt', `"${process.execPath}" "${CLI}"`);
    const output = await run('bash', ['-ec', script]);
    assert.match(output, /learned prompt/);
    assert.match(output, /majority class/);
    assert.match(output.trimEnd().split('\n').at(-1)!, /^(positive|negative) \((great|terrible), \d+\.\d %\)$/);
    assert.ok(existsSync(join(folder, 'sentiment', 'adapter_model.safetensors')));
  });

  it('the quick start of the library', async () => {
    const file = resolve('dist/test/readme-quick-start.mjs'); // inside the package, so that it can import it by name
    writeFileSync(file, onFixture(blocks('ts')[0]!));
    try {
      assert.match(await run(process.execPath, [file]), /written prompt.*probabilities: \{ positive: 0\.\d+/s);
    } finally {
      rmSync(file);
    }
  });

  it('the configuration file', async () => {
    const [config] = blocks('yaml');
    writeFileSync(join(folder, 'sentiment.yaml'), onFixture(config!));
    const flags = ['--config', 'sentiment.yaml', '--out', 'from-yaml', '--max-steps', '2', '--json'];
    const output = await run(process.execPath, [CLI, 'tune', ...flags]);
    const result = JSON.parse(output.trimEnd().split('\n').at(-1)!) as { event: string; runs: unknown[] };
    assert.equal(result.event, 'result');
    assert.equal(result.runs.length, 3);
  });
});

it('links of CONTRIBUTING lead somewhere', () => {
  for (const [, target] of readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
    assert.ok(existsSync(target!), target);
  }
});

function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
}

function onFixture(text: string): string {
  assert.ok(text.includes('HuggingFaceTB/SmolLM2-135M-Instruct'));
  return text.replaceAll('HuggingFaceTB/SmolLM2-135M-Instruct', MODEL);
}
