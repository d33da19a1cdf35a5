import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { wordRows, wordTask, wordTaskFolder, writeRows } from '../tasks/word-task.js';
import { jsonEvents, type SpawnOptions, softprompt } from './spawn-softprompt.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const { model, template, labels, train } = wordTask(folder, '');

interface Changes {
  readonly [flag: string]: string | undefined;
}

/** Runs `tune` with some flags changed (undefined: left out). */
function tune(changes: Changes = {}, options: SpawnOptions = {}) {
  const flags: Changes = {
    model,
    template,
    labels: JSON.stringify(labels),
    train,
    out: at('out'),
    'max-steps': '3',
    ...changes,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
  return softprompt(['tune', ...words, '--json'], options);
}

/** That `tune` fails with this error, said the same way to people and programs, and leaves no prompt. */
async function fails(code: ErrorCode, found: RegExp, changes: Changes, options?: SpawnOptions): Promise<void> {
  const ended = await tune(changes, options);
  const error = jsonEvents(ended).at(-1)!;
  assert.equal(error.code, code, ended.stderr);
  assert.match(String(error.found), found);
  assert.equal(ended.code, 1);
  assert.equal(ended.stderr, `${code}: ${error.found}. Expected ${error.expected}. ${error.fix}\n`);
  assert.ok(!existsSync(at('out', 'softprompt.json')));
}

test('mistakes in data, model and flags are told the same way to people and programs', async () => {
  const strange = at('strange.jsonl');
  writeRows(strange, [...wordRows(20, 3), { text: 'a film', label: '2' }]);
  await fails('DATA_LABEL_UNKNOWN', /label '2' at strange\.jsonl:21/, { valid: strange });
  await fails('MODEL_SOURCE_UNKNOWN', /no\/such\/model/, { model: 'no/such/model' });
  await fails('LABELS_INVALID', /not JSON/, { labels: '{0: x}' });
  await fails('TUNING_SETTING', /accumulation is 99/, { accumulation: '99' });
});

test('a flag with a value that it does not take is told to programs too', async () => {
  const mistakes: [string[], RegExp][] = [
    [['--lr', '0'], /--lr <rate>.*Expected a number above 0/],
    [['--max-steps', '10000000000'], /--max-steps <n>.*Expected a whole number from 1 to 2147483647/],
    [['--loss', 'all'], /--loss <kind>.*Allowed choices are labels, vocabulary/],
    [['--learning-rate', '1'], /unknown option '--learning-rate'/],
  ];
  for (const [flags, found] of mistakes) {
    const ended = await softprompt(['tune', ...flags, '--json']);
    const [error, ...more] = jsonEvents(ended);
    assert.deepEqual([error!.event, error!.code, more.length, ended.code], ['error', 'FLAG_INVALID', 0, 1]);
    assert.match(String(error!.found), found);
    assert.match(ended.stderr, found);
  }
  const help = await softprompt(['tune', '--help']);
  assert.equal(help.code, 0);
});

test('duplicates across the splits and empty texts are noted', async () => {
  const rows = wordRows(30, 4);
  writeRows(at('thirty.jsonl'), rows);
  writeRows(at('repeated.jsonl'), [...rows.slice(0, 3), { text: ' ', label: '0' }]);
  const ended = await tune({ train: at('thirty.jsonl'), valid: at('repeated.jsonl'), out: at('noted') });
  assert.equal(ended.code, 0, ended.stderr);
  const notes = jsonEvents(ended).flatMap(({ event, text }) => (event === 'note' ? [String(text)] : []));
  assert.match(notes.join('\n'), /3 of 4 rows of valid are also in train/);
  assert.match(notes.join('\n'), /1 of 4 rows of valid have an empty text/);
});

test('texts that are cut are noted, by --max-length and by the model', async () => {
  const long = wordRows(30, 5).map(({ text, label }) => ({ text: `${text} ${'very long '.repeat(20)}`, label }));
  writeRows(at('long.jsonl'), long);
  for (const [length, note] of Object.entries({
    60: /^\d+ of \d+ training rows fill all 60 positions, .*; --max-length allows more$/m,
    500: /^\d+ of \d+ training rows fill all 128 positions, .*; the model reads no more$/m,
  })) {
    const ended = await tune({ train: at('long.jsonl'), 'max-length': length, out: at(`cut-${length}`) });
    assert.equal(ended.code, 0, ended.stderr);
    const notes = jsonEvents(ended).flatMap(({ event, text }) => (event === 'note' ? [String(text)] : []));
    assert.match(notes.join('\n'), note);
  }
});

test('a full disk while the state or the prompt is saved is an error with a remedy', async () => {
  await fails('PROMPT_FOLDER_UNWRITABLE', /state of the run .* cannot be saved: EFBIG/, {}, { fileBlocks: 4 });
  assert.ok(!existsSync(at('out')), 'nothing was learned yet');
});

test('a folder that cannot be written is an error with a remedy', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  mkdirSync(at('read-only'));
  chmodSync(at('read-only'), 0o500);
  await fails('PROMPT_FOLDER_UNWRITABLE', /EACCES/, { out: at('read-only', 'out') });
});

test('a prompt is not written over a file, nor over another prompt', async () => {
  writeFileSync(at('a-file'), '');
  await fails('PROMPT_FOLDER_UNWRITABLE', /./, { out: at('a-file') });
  assert.equal((await tune({ out: at('kept') })).code, 0);
  const before = readFileSync(at('kept', 'adapter_model.safetensors'));
  await fails('PROMPT_FOLDER_EXISTS', /adapter_model\.safetensors/, { out: at('kept'), seed: '7' });
  // the new run dies before it has a prompt: the old one stays
  await softprompt(
    [
      'tune',
      '--model',
      model,
      '--template',
      template,
      '--labels',
      JSON.stringify(labels),
      '--train',
      train,
      '--out',
      at('kept'),
      '--overwrite',
      '--json',
    ],
    {
      onLine: (line, child) => line.includes('"step"') && child.kill('SIGKILL'),
    },
  );
  assert.deepEqual(readFileSync(at('kept', 'adapter_model.safetensors')), before);
});
