import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { copyPackage, type Said } from './copy-package.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'softprompt-missing-')));
after(() => rmSync(folder, { recursive: true }));
const project = (name: string) => join(folder, name);

const versions = JSON.parse(readFileSync('package.json', 'utf8')).optionalDependencies as Record<string, string>;
const RUNTIME = `npm install --ignore-scripts onnxruntime-node@${versions['onnxruntime-node']}`;
const DUCKDB = `npm install --include=optional @duckdb/node-api@${versions['@duckdb/node-api']}`;

const TEXTS = 'text,label\nfine,good\nlovely,good\nnice,good\nawful,bad\ndull,bad\npoor,bad\n';
const TUNE = [
  ...['tune', '--model', resolve('test/fixtures/peft/model'), '--train', 'texts.csv', '--max-steps', '1'],
  ...['--template', '[soft:2]{text}{label}', '--labels', '{"good":" great","bad":" terrible"}', '--no-baselines'],
];

/** An error of one line, with a command. */
function assertRefused({ code, stdout, stderr }: Said, error: string, command: string): void {
  assert.equal(code, 1, stdout);
  assert.match(stderr, new RegExp(`^${error}: .*\n$`));
  assert.ok(stderr.includes(`\`${command}\``), stderr);
}

function assertWorks({ code, stdout, stderr }: Said): string {
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
}

describe('without the native runtime', () => {
  const shop = project('no-native');
  const { softprompt } = copyPackage(shop, ['onnxruntime-node']);
  writeFileSync(join(shop, 'texts.csv'), TEXTS);

  it('commands compute with WebAssembly, and say so in one line with what brings the native one', () => {
    const tuned = assertWorks(softprompt([...TUNE, '--out', 'prompt']));
    const notes = tuned.replaceAll(/\s+/g, ' ').match(/Note ONNX Runtime is not installed: [^`]*`[^`]*`/g) ?? [];
    assert.equal(notes.length, 1, tuned);
    assert.match(notes[0]!, /WebAssembly computes in its place, [^.]*\d times slower/);
    assert.ok(notes[0]!.includes(RUNTIME), notes[0]);
    const lines = assertWorks(softprompt(['predict', 'prompt', 'fine', '--json']))
      .trimEnd()
      .split('\n');
    const [note, result] = lines.map((line) => JSON.parse(line));
    assert.deepEqual([note.event, result.event], ['note', 'result']);
    assert.ok(note.text.includes(RUNTIME));
    assert.doesNotMatch(assertWorks(softprompt(['predict', 'prompt', 'fine', '--runtime', 'wasm'])), /Note/);
  });

  it('the native runtime is refused where it was asked for', () => {
    assertRefused(softprompt(['predict', 'prompt', 'fine', '--runtime', 'native']), 'RUNTIME_UNAVAILABLE', RUNTIME);
  });

  it('doctor warns', () => {
    const { code, stdout } = softprompt(['doctor', '--offline']);
    assert.equal(code, 0);
    assert.match(stdout, /^warn {2}ONNX Runtime {2}ONNX Runtime is not installed\n.*WebAssembly.*npm install/m);
    assert.match(stdout, /^ok {4}WebAssembly .*it is what computes$/m);
  });
});

describe('without any runtime', () => {
  const shop = project('no-runtime');
  const { softprompt } = copyPackage(shop, ['onnxruntime-node', 'onnxruntime-web']);
  writeFileSync(join(shop, 'texts.csv'), TEXTS);
  writeFileSync(join(shop, 'met.csv'), 'user_id,item_id\nu,a\nu,b\nv,a\n');

  it('commands that compute say how it is installed, before they read or write anything', () => {
    assertRefused(softprompt([...TUNE, '--out', 'prompt']), 'RUNTIME_UNAVAILABLE', RUNTIME);
    assertRefused(
      softprompt(['recommend', 'fit', '--interactions', 'no-such-file.csv', '--out', 'recommender']),
      'RUNTIME_UNAVAILABLE',
      RUNTIME,
    );
    assertRefused(
      softprompt(['pretrain', '--data', 'no-such-file.txt', '--out', 'small']),
      'RUNTIME_UNAVAILABLE',
      RUNTIME,
    );
    assertRefused(softprompt(['start']), 'RUNTIME_UNAVAILABLE', RUNTIME);
    for (const out of ['prompt', 'recommender', 'small', 'softprompt-start']) assert.ok(!existsSync(join(shop, out)));
  });

  it('other commands work', () => {
    assertWorks(softprompt(['data', 'describe', '--interactions', 'met.csv']));
    assertWorks(softprompt(['--help']));
  });

  it('doctor says it too, and names the folder where it is called from another one', () => {
    const { code, stdout } = softprompt(['doctor', '--offline', '--json'], folder);
    const { checks } = JSON.parse(stdout.trimEnd()) as { checks: { name: string; detail: string; fix: string }[] };
    const { detail, fix } = checks.find(({ name }) => name === 'ONNX Runtime')!;
    assert.equal(code, 1);
    assert.equal(detail, 'ONNX Runtime is not installed');
    assert.equal(fix, `Run \`${RUNTIME.replace('install', `install --prefix ${shop}`)}\`.`);
  });

  it('a global installation is named as such', () => {
    rmSync(join(shop, 'package.json'));
    assertRefused(softprompt(['start']), 'RUNTIME_UNAVAILABLE', RUNTIME.replace('install', 'install --global'));
  });
});

describe('with packages that do not load', () => {
  const fails = "throw new Error('libm.so.6: version GLIBC_2.38 not found\\nat a place');\n";
  const shop = project('broken');
  const { softprompt } = copyPackage(shop, ['onnxruntime-web'], {
    'onnxruntime-node': fails,
    '@duckdb/node-api': fails,
  });
  writeFileSync(join(shop, 'texts.csv'), TEXTS);

  it('says why, and where they would', () => {
    const said = softprompt([...TUNE, '--out', 'prompt']);
    assertRefused(said, 'RUNTIME_UNAVAILABLE', RUNTIME);
    assert.match(said.stderr, /does not load: libm\.so\.6: version GLIBC_2\.38 not found\. .*not Alpine/);
    assert.ok(said.stderr.includes(join(shop, 'node_modules', 'onnxruntime-node')));
    const { stdout } = softprompt(['doctor', '--offline']);
    assert.match(stdout, /^fail {2}ONNX Runtime {2}.*does not load: libm.*\n.*npm install/m);
    assert.match(stdout, /^warn {2}DuckDB .*does not load: libm.*\n.*npm install/m);
  });
});

describe('with a native runtime that does not load', () => {
  const shop = project('broken-native');
  const { softprompt } = copyPackage(shop, [], {
    'onnxruntime-node': "throw new Error('libm.so.6: no such version');\n",
  });
  writeFileSync(join(shop, 'texts.csv'), TEXTS);

  it('WebAssembly computes, and one line says why and what to do', () => {
    const tuned = assertWorks(softprompt([...TUNE, '--out', 'prompt'])).replaceAll(/\s+/g, ' ');
    assert.equal(
      tuned.match(/does not load: libm\.so\.6: no such version: WebAssembly computes in its place/g)?.length,
      1,
    );
    assert.match(tuned, /not Alpine/);
    assert.ok(existsSync(join(shop, 'prompt', 'adapter_model.safetensors')));
  });
});

describe('without DuckDB', () => {
  const shop = project('no-duckdb');
  const { softprompt } = copyPackage(shop, ['@duckdb/node-api']);
  writeFileSync(join(shop, 'texts.csv'), TEXTS);
  writeFileSync(join(shop, 'items.csv'), 'item_id,style\na,new\nb,old\nc,new\nd,old\n');
  const met = ['u', 'v', 'w', 'x'].flatMap((user, i) =>
    ['a', 'b', 'c', 'd'].map((_, day) => `${user},${'abcd'[(i + day) % 4]},2026-01-0${day + 1}`),
  );
  writeFileSync(join(shop, 'met.csv'), `user_id,item_id,time\n${met.join('\n')}\n`);

  it('texts are learned from and labelled', () => {
    assertWorks(softprompt([...TUNE, '--out', 'prompt']));
    assert.match(assertWorks(softprompt(['predict', 'prompt', '--data', 'texts.csv'])), /great|terrible/);
  });

  it('a recommender is fitted and serves; conditions, Parquet and SQL name the command', () => {
    const network = ['--epochs', '1', '--width', '4', '--max-history', '4'];
    const files = ['--interactions', 'met.csv', '--items', 'items.csv'];
    assertWorks(softprompt(['recommend', 'fit', ...files, ...network, '--out', 'shop']));
    assertWorks(softprompt(['recommend', 'for', 'shop', '--history', 'a,b', '--include-seen']));
    assertWorks(softprompt(['recommend', 'batch', 'shop', '--include-seen', '--out', 'lists.csv']));
    for (const args of [
      ['recommend', 'for', 'shop', '--history', 'a,b', '--where', "style = 'new'"],
      ['recommend', 'batch', 'shop', '--out', 'lists.parquet'],
      ['data', 'convert', ...files, '--to', 'parquet', '--out', 'converted'],
      ['data', 'describe', '--interactions', 'met.csv', '--format', 'parquet'],
      ['data', 'describe', '--database', 'duckdb:shop.duckdb', '--query', 'SELECT 1'],
    ]) {
      assertRefused(softprompt(args), 'DUCKDB_UNAVAILABLE', DUCKDB);
    }
    assert.ok(!existsSync(join(shop, 'lists.parquet.unfinished')));
  });
});
