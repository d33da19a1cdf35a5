import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { recommend } from 'softprompt';

const CLI = resolve('dist/src/cli/main.js');
const MODEL = resolve('test/fixtures/peft/model');

/** The README's own commands and code, in both languages, run on the tiny fixture in place of the hub's model. */
for (const name of ['README.md', 'README.zh-CN.md'])
  describe(name, () => {
    const readme = readFileSync(name, 'utf8');
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'softprompt-readme-'));
      const rows = blocks(readme, 'json')[0]!.trim().split('\n');
      const more = rows.flatMap((row) => Array.from({ length: 20 }, (_, i) => row.replace('"a ', `"${i} a `)));
      writeFileSync(join(folder, 'reviews.jsonl'), `${more.join('\n')}\n`);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const run = async (command: string, args: readonly string[]): Promise<string> => {
      const env = { ...process.env, SOFTPROMPT_CACHE: join(folder, 'cache') };
      const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env });
      return stdout;
    };

    /** A module inside the package, so that it can import it by name. */
    const runCode = async (code: string): Promise<string> => {
      const file = resolve(`dist/test/readme-quick-start-${name}.mjs`);
      writeFileSync(file, code);
      try {
        return await run(process.execPath, [file]);
      } finally {
        rmSync(file);
      }
    };

    it('the quick start of the command line', async () => {
      const script = onFixture(blocks(readme, 'sh')[0]!).replaceAll('npx softprompt', `"${process.execPath}" "${CLI}"`);
      const output = await run('bash', ['-ec', script]);
      assert.match(output, /learned prompt/);
      assert.match(output, /majority class/);
      assert.match(output.trimEnd().split('\n').at(-1)!, /^(positive|negative) \((great|terrible), \d+\.\d %\)$/);
      assert.ok(existsSync(join(folder, 'sentiment', 'adapter_model.safetensors')));
    });

    it('the quick start of the library', async () => {
      const output = await runCode(onFixture(blocks(readme, 'ts')[0]!));
      assert.match(output, /written prompt.*probabilities: \{ positive: [01](\.\d+)?/s);
    });

    it('the recommender of the library', async () => {
      const met = Array.from({ length: 40 }, (_, u) =>
        ['tea-01', 'cup-07', 'tea-02', 'pot-03', 'tea-04'].map((item, t) => ({
          user_id: `u${u}`,
          item_id: u % 2 === 0 ? item : item.replace('tea', 'jar'),
          time: `2026-01-0${t + 1}`,
        })),
      ).flat();
      const ids = [...new Set(met.map(({ item_id }) => item_id))];
      const items = ids.map((id) => ({ item_id: id, title: id, category: id.startsWith('tea') ? 'Tea' : 'Other' }));
      const fitted = await recommend.fit(met, { items, refit: false, network: { epochs: 1, width: 8 } });
      await fitted.save(join(folder, 'shop'));
      await fitted.close();
      const output = await runCode(blocks(readme, 'ts')[1]!);
      assert.match(output, /item: 'tea-0[24]'/);
      assert.doesNotMatch(output, /'(pot|jar|cup)/);
    });

    it('the configuration file', async () => {
      const [config] = blocks(readme, 'yaml');
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

function blocks(readme: string, language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
}

function onFixture(text: string): string {
  assert.ok(text.includes('HuggingFaceTB/SmolLM2-135M-Instruct'));
  return text.replaceAll('HuggingFaceTB/SmolLM2-135M-Instruct', MODEL);
}
