import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ErrorCode, SoftpromptError } from '../../src/errors.js';
import type { InitialisationName, TuneOptions } from '../../src/tasks/tune-options.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { wordRows, wordTask, wordTaskFolder, writeRows } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const task: TuneOptions = { ...wordTask(folder, 'out'), valid: undefined, test: undefined, maxSteps: 3 };

/** That a run with these options is refused, and leaves no prompt. */
async function fails(code: ErrorCode, found: RegExp, options: Partial<TuneOptions>): Promise<void> {
  await assert.rejects(tunePrompt({ ...task, ...options }), (error: SoftpromptError) => {
    assert.equal(error.code, code, error.stack);
    assert.match(error.facts.found, found);
    return true;
  });
  assert.ok(!existsSync(at('out', 'softprompt.json')));
}

const file = (name: string, rows: readonly object[]) => {
  writeRows(at(name), rows);
  return at(name);
};

test('data that do not fit the task are refused with the place', async () => {
  const rows = wordRows(20, 3);
  const strange = file('strange.jsonl', [...rows, { text: 'a film', label: '2' }]);
  await fails('DATA_LABEL_UNKNOWN', /label '2' at strange\.jsonl:21/, { train: strange });
  await fails('DATA_LABEL_UNKNOWN', /strange\.jsonl:21/, { valid: strange });
  await fails('DATA_LABEL_MISSING', /unlabelled\.jsonl:21/, {
    train: file('unlabelled.jsonl', [...rows, { text: 'a', label: null }]),
  });
  await fails('DATA_COLUMN_MISSING', /has no 'text'/, {
    train: file('columns.jsonl', [{ sentence: 'a', label: '0' }]),
  });
  await fails('DATA_EMPTY', /empty\.jsonl/, { valid: file('empty.jsonl', []) });
  await fails('DATA_SPLIT_EMPTY', /./, { train: file('one.jsonl', rows.slice(0, 1)) });
  await fails('DATA_SHOTS', /./, { shots: 100_000 });
  await fails('DATA_FILE_UNREADABLE', /nowhere\.jsonl/, { train: at('nowhere.jsonl') });
});

test('templates, labels and settings are checked before anything is trained', async () => {
  await fails('TEMPLATE_INVALID', /./, { template: '[soft:4]{text so{label}' });
  await fails('TEMPLATE_INVALID', /./, { template: '[soft:4]{text} so' });
  await fails('NOTHING_TO_LEARN', /no learned tokens/, { template: '{text} so{label}' });
  await fails('LABELS_INVALID', /same word/, { labels: { '0': 'x', '1': 'x' } });
  await fails('PROMPT_TOO_LONG', /./, { maxLength: 6 });
  await fails('INITIALISATION', /'middle'/, { initialisation: 'middle' as InitialisationName });
  await fails('PROMPT_FOLDER_INCOMPLETE', /./, { initialisation: `prompt:${at('nowhere')}` });
  await fails('TUNING_SETTING', /learningRate is 0/, { learningRate: 0 });
  await fails('TUNING_SETTING', /seeds is 0/, { seeds: 0 });
  await fails('DATA_SPLIT_EMPTY', /no validation file/, { validShare: 0 });
  assert.ok(!existsSync(at('out', 'training', 'seed-0.safetensors')), 'nothing was trained');
});

test('a tokenizer of another model is refused', async () => {
  cpSync(task.model, at('mixed'), { recursive: true });
  cpSync('test/fixtures/tokenizer/tiny-byte-level.json', at('mixed', 'tokenizer.json'));
  await fails('VOCABULARY_MISMATCH', /./, { model: at('mixed') });
});

test('a model folder that is none, and one that is damaged', async () => {
  mkdirSync(at('nothing'));
  await fails('MODEL_FOLDER_INCOMPLETE', /./, { model: at('nothing') });
  cpSync(task.model, at('cut'), { recursive: true });
  const weights = readFileSync(at('cut', 'model.safetensors'));
  writeFileSync(at('cut', 'model.safetensors'), weights.subarray(0, weights.length - 100));
  await fails('SAFETENSORS_INVALID', /./, { model: at('cut') });
  await fails('MODEL_SOURCE_UNKNOWN', /./, { model: at('nowhere') });
});
