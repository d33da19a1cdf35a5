import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-installed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A user's: nothing of the `npm test` around this, and a NuGet that nobody reaches. */
const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache)$)/i.test(name)),
  ),
  ONNXRUNTIME_NODE_INSTALL: '',
  GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
  HF_HUB_OFFLINE: '1',
  SOFTPROMPT_CACHE: join(folder, 'cache'),
};

/** Whether the registry that npm uses answers. */
const reachable =
  spawnSync('npm', ['view', 'onnxruntime-common', 'version', '--fetch-retries=0', '--fetch-timeout=10000'], {
    env,
    cwd: folder,
  }).status === 0;

describe('the packed package, installed in an empty folder', {
  skip: reachable ? false : 'no npm registry can be reached',
}, () => {
  let tarball: string;
  before(() => {
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { env, stdio: 'pipe' });
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
  });

  const project = (name: string, ...flags: string[]) => {
    const at = join(folder, name);
    mkdirSync(at);
    const run = (command: string) => {
      const { status, stdout, stderr } = spawnSync(command, { cwd: at, env, shell: true, encoding: 'utf8' });
      return { status, stdout, said: `${stdout}${stderr}` };
    };
    const succeed = (command: string) => {
      const { status, stdout, said } = run(command);
      assert.equal(status, 0, `${command}\n${said}`);
      return stdout;
    };
    succeed(`npm install ${flags.join(' ')} "${tarball}"`);
    return { at, run, succeed };
  };

  /** Learns a prompt and gives what it answers. */
  const learn = (succeed: (command: string) => string, at: string, flags = '') => {
    const rows = ['fine', 'lovely', 'warm', 'awful', 'dull', 'cold'].map(
      (text, i) => `${text},${i < 3 ? 'yes' : 'no'}`,
    );
    writeFileSync(join(at, 'texts.csv'), `text,label\n${rows.join('\n')}\n`);
    writeFileSync(
      join(at, 'texts.yaml'),
      'model: embedded\ntrain: texts.csv\ntemplate: "[soft:2]{text}{label}"\nlabels: { "yes": " yes", "no": " no" }\nmax-steps: 1\nno-baselines: true\n',
    );
    succeed(`npx softprompt tune --config texts.yaml --out prompt ${flags} --overwrite`);
    const answer = /^(yes|no) \(.*\)/m.exec(succeed(`npx softprompt predict prompt "warm and wise" ${flags}`));
    assert.ok(answer !== null);
    return answer[0];
  };

  /** Strictly, and without the packages that may be missing. */
  const compileTypes = (succeed: (command: string) => string, at: string) => {
    for (const name of ['onnxruntime-node', '@duckdb']) rmSync(join(at, 'node_modules', name), { recursive: true });
    writeFileSync(
      join(at, 'use.ts'),
      `import { load, openPrompt, type Prediction } from 'softprompt';
import { compile, type Program } from 'softprompt/autodiff';
import { readTable } from 'softprompt/data';
import { accuracy } from 'softprompt/evaluation';
import { open } from 'softprompt/recommend';
export const rooms = [readTable, accuracy, open, load];
export const answers: Promise<Prediction[]> = openPrompt('prompt').then((prompt) => prompt.predict([{ text: 'a' }]));
export const make: (results: Parameters<typeof compile>[0]) => Promise<Program> = compile;
`,
    );
    rmSync(join(at, 'node_modules', '@types'), { recursive: true, force: true }); // some came with a dependency
    symlinkSync(resolve('node_modules/@types'), join(at, 'node_modules', '@types'));
    const tsc = resolve('node_modules/typescript/bin/tsc');
    succeed(`"${process.execPath}" "${tsc}" --noEmit --strict --module nodenext --target es2022 --types node use.ts`);
    assert.match(succeed('node -e "import(\'softprompt\').then(({ load }) => console.log(typeof load))"'), /function/);
  };

  it('without install scripts it learns and predicts at once on both runtimes alike, and its types compile', () => {
    const { at, succeed } = project('scripts-off', '--ignore-scripts');
    assert.equal(learn(succeed, at), learn(succeed, at, '--runtime wasm'));
    compileTypes(succeed, at);
  });

  it('with install scripts and no NuGet it works with WebAssembly, and says what brings the native runtime', () => {
    const { at, succeed } = project('scripts-on');
    const answer = learn(succeed, at);
    if (!existsSync(join(at, 'node_modules', 'onnxruntime-node'))) {
      const stdout = succeed('npx softprompt doctor');
      assert.match(stdout, /^warn {2}ONNX Runtime .*is not installed/m);
      assert.ok(succeed('npx softprompt predict prompt "warm and wise"').includes('WebAssembly computes'));
      succeed(/`(npm install [^`]+)`/.exec(stdout)![1]!);
    }
    assert.equal(learn(succeed, at, '--runtime native'), answer);
    assert.equal(learn(succeed, at, '--runtime wasm'), answer);
  });
});
