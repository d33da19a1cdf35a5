import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import type { SoftpromptError } from '../errors.js';
import { TUNE } from '../tasks/tune-options.js';
import { applyConfigFile } from './config-file.js';
import { addOutputFlags } from './flags.js';
import { addOptions, type Flags } from './option-flags.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-config-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'run.yaml');

/** The flags that `tune` gets with this YAML file and these words on the command line. */
async function flagsOf(yaml: string, ...words: string[]): Promise<Flags> {
  writeFileSync(path, yaml);
  const command = addOutputFlags(addOptions(new Command('tune'), TUNE))
    .hook('preAction', (_, called) => applyConfigFile(called))
    .action(() => {});
  await command.parseAsync(['--config', path, ...words], { from: 'user' });
  // a `--no-…` flag holds its default where nobody spoke
  const told = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
  return Object.fromEntries(told.filter(([name]) => name !== 'config'));
}

test('values are what the flag would have made of them', async () => {
  assert.deepEqual(
    await flagsOf(`
epochs: 0.5
lr: 1e-3
decay: cosine
calibrate: true
overwrite: false
labels: {0: " no", 1: " yes"}
names: [text, label]
template: "[soft:4]{text}{label}"
field: [text=sentence, title=headline]
`),
    {
      epochs: 0.5,
      lr: 0.001,
      decay: 'cosine',
      calibrate: true,
      overwrite: false,
      labels: { 0: ' no', 1: ' yes' },
      names: ['text', 'label'],
      template: '[soft:4]{text}{label}',
      field: ['text=sentence', 'title=headline'],
    },
  );
  assert.deepEqual(await flagsOf('lr: auto\nfield: {text: sentence}'), { lr: 'auto', field: ['text=sentence'] });
  assert.deepEqual(await flagsOf('field: text=sentence'), { field: ['text=sentence'] });
});

test('the command line wins, over what it excludes too', async () => {
  assert.deepEqual(await flagsOf('lr: 1\nseed: 2\nfield: a=b', '--lr', '3', '--field', 'c=d'), {
    lr: 3,
    seed: 2,
    field: ['c=d'],
  });
  assert.deepEqual(await flagsOf('max-steps: 5', '--epochs', '1'), { epochs: 1 });
  assert.deepEqual(await flagsOf('epochs: 1', '--max-steps', '5'), { maxSteps: 5 });
  assert.deepEqual(await flagsOf('no-baselines: true'), { baselines: false });
  assert.deepEqual(await flagsOf('no-head: true'), { head: false });
  assert.deepEqual(await flagsOf('epochs: 1', '--no-baselines'), { epochs: 1, baselines: false });
});

test('mistakes are named with what was expected', async () => {
  const mistakes: Record<string, RegExp> = {
    'learning-rate: 1': /has the key 'learning-rate'\. Expected 'lr', which/,
    'batchSize: 1': /has the key 'batchSize'\. Expected 'batch-size', which/,
    'bach-size: 1': /has the key 'bach-size'\. Expected 'batch-size', which/,
    'zzz: 1': /has the key 'zzz'\. Expected one of model, template/,
    'config: other.yaml': /has the key 'config'/,
    '--lr: 1': /has the key '--lr'/,
    'lr: fast': /says lr: "fast"\. Expected a number above 0, or auto\. Write/,
    'batch-size: [1, 2]': /Expected a whole number from 1 to 2147483647\./,
    'loss: all': /Expected labels, vocabulary\./,
    'calibrate: 3': /Expected true or false/,
    'valid:': /gives no value for valid/,
    '- lr': /holds a list\. Expected keys and values/,
    '': /holds nothing/,
    'a: [': /cannot be read/,
    'lr: 1\nlr: 2': /cannot be read/,
  };
  for (const [yaml, message] of Object.entries(mistakes)) {
    await assert.rejects(flagsOf(yaml), (error: SoftpromptError) => {
      assert.equal(error.code, 'CONFIG_INVALID', yaml);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(flagsOf('', '--config', join(folder, 'nowhere.yaml')), /cannot be read/);
});
