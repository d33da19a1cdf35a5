import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import { type ExampleOptions, findEmptyTexts, loadExamples, parseFieldColumns } from './load-examples.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-examples-'));
});
after(() => rm(folder, { recursive: true }));

async function load(name: string, content: string, options: ExampleOptions) {
  await writeFile(join(folder, name), content);
  return loadExamples(join(folder, name), options);
}

function failsWith(code: ErrorCode, message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof SoftpromptError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

const FEWCLUE =
  '{"id": 59, "sentence": "还不错", "label": "Positive"}\n{"id": 35, "sentence": "垃圾手机", "label": "Negative"}\n';

test('FewCLUE lines: a field mapped to its column, the id kept', async () => {
  const options = { fields: ['text'], columns: parseFieldColumns(['text=sentence']), labels: ['Positive', 'Negative'] };
  assert.deepEqual(await load('few.json', FEWCLUE, options), [
    { id: '59', fields: { text: '还不错' }, label: 'Positive' },
    { id: '35', fields: { text: '垃圾手机' }, label: 'Negative' },
  ]);
});

test('GLUE TSV: rows without an id are named by file and line, other columns are left out', async () => {
  const tsv = 'index\tsentence\tlabel\n0\tit "s fine\t1\n';
  assert.deepEqual(await load('glue.tsv', tsv, { fields: ['sentence'] }), [
    { id: 'glue.tsv:2', fields: { sentence: 'it "s fine' }, label: '1' },
  ]);
});

test('rows without labels load unless labels are required', async () => {
  const jsonl = '{"text": "a"}\n{"text": "b", "label": null}\n{"text": "c", "label": ""}\n';
  const labels = (await load('test.jsonl', jsonl, { fields: ['text'], labels: ['0'] })).map((example) => example.label);
  assert.deepEqual(labels, [undefined, undefined, undefined]);
  const required = { fields: ['text'], requireLabels: true };
  await assert.rejects(
    load('test.jsonl', jsonl, required),
    failsWith('DATA_COLUMN_MISSING', /Name the column that holds/),
  );
  await assert.rejects(
    load('test.csv', 'text,label\na,1\nb,\n', required),
    failsWith('DATA_LABEL_MISSING', /no label at test\.csv:3\./),
  );
});

test('missing columns are reported with those that exist', async () => {
  await assert.rejects(
    load('few.json', FEWCLUE, { fields: ['text'] }),
    failsWith('DATA_COLUMN_MISSING', /few\.json:1 has no 'text'; it has 'id', 'sentence', 'label'.*text=sentence/),
  );
  await assert.rejects(
    load('few.json', FEWCLUE, { fields: ['sentence'], labelColumn: 'gold' }),
    failsWith('DATA_COLUMN_MISSING', /no 'gold'.*Name the column that holds the labels/),
  );
  await assert.rejects(
    load('gap.jsonl', '{"text": "a"}\n{"txt": "b"}\n', { fields: ['text'] }),
    failsWith('DATA_COLUMN_MISSING', /gap\.jsonl:2 has no 'text'; it has 'txt'/),
  );
});

test('labels outside the set are reported with rows, value and the keys allowed', async () => {
  const csv = `text,label\na,1\n${'b,2\n'.repeat(7)}c,neutral\n`;
  await assert.rejects(
    load('labels.csv', csv, { fields: ['text'], labels: ['0', '1'] }),
    failsWith(
      'DATA_LABEL_UNKNOWN',
      /label '2' at labels\.csv:3, .*labels\.csv:7 and 2 more; label 'neutral' at labels\.csv:10\. Expected one of '0', '1'/,
    ),
  );
});

test('mappings that are malformed or name no field are errors', async () => {
  assert.deepEqual(parseFieldColumns(['a=b=c', 'text=文本']), { a: 'b=c', text: '文本' });
  for (const mapping of ['text', '=b', 'a=']) {
    assert.throws(() => parseFieldColumns([mapping]), failsWith('DATA_FIELD_UNKNOWN', /field=column/));
  }
  await assert.rejects(
    load('few.json', FEWCLUE, { fields: ['text'], columns: { txt: 'sentence' } }),
    failsWith('DATA_FIELD_UNKNOWN', /no slot \{txt\}/),
  );
});

test('rows with nothing to read are kept and found', async () => {
  const examples = await load('empty.csv', 'text,label\na,1\n,1\n" \u3000",0\n', { fields: ['text'] });
  assert.equal(examples.length, 3);
  assert.deepEqual(
    findEmptyTexts(examples).map(({ id }) => id),
    ['empty.csv:3', 'empty.csv:4'],
  );
});
