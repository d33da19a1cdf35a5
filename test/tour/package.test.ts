import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { embeddedModelFolder } from '../../src/hub/embedded-model.js';
import { sampleFile } from '../../src/tour/sample-files.js';

const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
const [packed] = JSON.parse(answer) as [{ size: number; files: { path: string; mode: number }[] }];
const paths = new Set(packed.files.map(({ path }) => path));

test('the package holds what the tour needs, and is at most 25 MB', () => {
  for (const path of [
    'bin/softprompt.js',
    'dist/src/cli/main.js',
    'models/bilingual-6m/model.safetensors',
    'models/bilingual-6m/README.md',
    'samples/sentiment-zh/train.jsonl',
    'samples/sentence-polarity/test.tsv',
    'samples/books/books.csv',
    'README.md',
    'LICENSE',
  ]) {
    assert.ok(paths.has(path), path);
  }
  assert.ok(packed.size <= 25e6, `${packed.size} bytes`);
});

test('links of its documents lead to what it holds, or to the repository', () => {
  const { homepage, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
  const address = homepage.replace(/#.*/, '');
  assert.equal(repository.url, `git+${address}.git`);
  const documents = [...paths].filter((path) => path.endsWith('.md'));
  assert.ok(documents.length >= 10);
  const lost = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)|^\[[^\]]+\]: (.*)$/gm)]
      .map(([, inline, reference]) => (inline ?? reference)!)
      .filter((target) => {
        if (target.startsWith(`${address}/blob/main/`))
          return !existsSync(target.slice(`${address}/blob/main/`.length));
        if (/^https?:/.test(target)) return false;
        const path = join(dirname(document), target);
        return ![...paths].some((held) => held === path || held.startsWith(`${path}/`));
      })
      .map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(lost, []);
});

test('model and samples are found from where the code lies', () => {
  assert.ok(existsSync(embeddedModelFolder()));
  assert.ok(existsSync(sampleFile('books/subjects.csv')));
});
