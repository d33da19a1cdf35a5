import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { findDuplicates } from './duplicates.js';
import type { Example } from './example.js';
import { type ExampleOptions, findEmptyTexts, loadExamples } from './load-examples.js';

const root = resolve('../shared/data/text');
const skip = existsSync(root) ? false : '../shared/data/text is not here';

async function load(path: string, rows: number, options: ExampleOptions): Promise<Example[]> {
  const examples = await loadExamples(join(root, path), options);
  assert.equal(examples.length, rows, path);
  assert.deepEqual(findEmptyTexts(examples), [], path);
  return examples;
}

test('SST-2 as GLUE distributes it', { skip }, async () => {
  const options = { fields: ['sentence'], labels: ['0', '1'], requireLabels: true };
  const train = await load('en_sst2_glue/train.tsv.gz', 67349, options);
  const valid = await load('en_sst2_glue/dev.tsv', 872, options);
  const tests = await load('en_sst2_glue/test-labeled.tsv', 1821, options);
  assert.deepEqual(valid[0], {
    id: 'dev.tsv:2',
    fields: { sentence: "it 's a charming and often affecting journey . " },
    label: '1',
  });
  const overlaps = findDuplicates({ train, valid, test: tests });
  assert.ok(overlaps.every(({ duplicates, rows }) => duplicates < rows / 10));
});

test('16-shot sets: SST-2, MR, AG News, TREC', { skip }, async () => {
  const sets = { 'sst-2': [2, 1821], mr: [2, 2000], agnews: [4, 7600], trec: [6, 500] } as const;
  for (const [name, [classes, testRows]] of Object.entries(sets)) {
    const labels = Array.from({ length: classes }, (_, i) => String(i));
    // the seeds of AG News call their text column `text`, its test file calls it `sentence`
    const options = (column: string) => ({ fields: ['text'], columns: { text: column }, labels, requireLabels: true });
    await load(`en_16shot/${name}/test.tsv`, testRows, options('sentence'));
    for (const seed of [13, 21, 42, 87, 100]) {
      for (const split of ['train', 'dev']) {
        const path = `en_16shot/${name}/16-${seed}/${split}.tsv`;
        await load(path, 16 * classes, options(name === 'agnews' ? 'text' : 'sentence'));
      }
    }
  }
});

test('FewCLUE: every file of EPRSTMT and TNEWS', { skip }, async () => {
  for (const task of ['eprstmt', 'tnews']) {
    const files = readdirSync(join(root, 'zh_fewclue', task)).filter((name) => !name.startsWith('label_index'));
    assert.ok(files.length >= 14);
    for (const name of files) {
      const path = join(root, 'zh_fewclue', task, name);
      const requireLabels = !/^(test|unlabeled)\./.test(name);
      const examples = await loadExamples(path, { fields: ['text'], columns: { text: 'sentence' }, requireLabels });
      assert.ok(examples.length >= 32, path);
      assert.ok(examples.every(({ label }) => (label !== undefined) === requireLabels));
    }
  }
  const [first] = await load('zh_fewclue/eprstmt/test_public.json', 610, { fields: ['sentence'] });
  assert.deepEqual(first, {
    id: '835',
    fields: { sentence: '呵呵了 这物流速度也是没谁了 同城网购竟然三天了还不到' },
    label: 'Negative',
  });
});

test('ChnSentiCorp, with its unbalanced quotes', { skip }, async () => {
  const options = { fields: ['text_a'], labels: ['0', '1'], requireLabels: true };
  const train = await loadExamples(join(root, 'zh_chnsenticorp/train.tsv.gz'), options);
  assert.equal(train.length, 9600);
  const valid = await loadExamples(join(root, 'zh_chnsenticorp/dev_dedup.tsv.gz'), options);
  assert.equal(valid.length, 843);
  assert.deepEqual(findDuplicates({ train, valid }), []);
});
