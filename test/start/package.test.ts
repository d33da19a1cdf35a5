import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { embeddedModelFolder } from '../../src/model/embedded-model.js';
import { sampleFile } from '../../src/pipeline/start/sample-files.js';

test('the package holds what the tour needs, and is at most 25 MB', () => {
  const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
  const [packed] = JSON.parse(answer) as [{ size: number; files: { path: string }[] }];
  const paths = new Set(packed.files.map(({ path }) => path));
  for (const path of [
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

test('model and samples are found from where the code lies', () => {
  assert.ok(existsSync(embeddedModelFolder()));
  assert.ok(existsSync(sampleFile('books/subjects.csv')));
});
