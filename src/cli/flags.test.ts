import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addDataFlags, addFilterFlags } from './data-flags.js';
import { collect, finiteNumber, modelOptions, numberFromZero, seedNumber, tableOptions, wholeNumber } from './flags.js';
import { addPretrainFlags } from './pretrain-flags.js';
import { addProfileFlags } from './profile-flags.js';
import { addFitFlags } from './recommend-flags.js';
import { addSearchFlag, addSelectionFlags } from './selection-flags.js';
import { addTuneFlags } from './tune-flags.js';
import { addRerankFlags, addTuneWordsFlags, addWeighFlags, addWordsFlags } from './words-flags.js';

test('numbers are read whole or not at all', () => {
  assert.deepEqual(['0', '12'].map(wholeNumber), [0, 12]);
  for (const wrong of ['', '-1', '1.5', '1e3', '12px', ' 1'])
    assert.throws(() => wholeNumber(wrong), /whole number/, wrong);
  assert.deepEqual(['0', '0.5', '1e-3'].map(numberFromZero), [0, 0.5, 0.001]);
  for (const wrong of ['', ' ', '-1', 'NaN', 'Infinity', '1,5'])
    assert.throws(() => numberFromZero(wrong), /number from 0/, wrong);
});

test('a number that no command could mean is refused at the door, by the name of its flag', () => {
  const commands = {
    tune: addTuneFlags,
    pretrain: addPretrainFlags,
    fit: addFitFlags,
    for: (command: Command) => addRerankFlags(addSearchFlag(addSelectionFlags(command))),
    words: addWordsFlags,
    weigh: addWeighFlags,
    'tune-words': addTuneWordsFlags,
    profile: addProfileFlags,
    describe: (command: Command) => addFilterFlags(addDataFlags(command)),
  };
  const wrong: Readonly<Record<string, readonly string[]>> = {
    '<n>': ['-1', '1e400', 'NaN', ' ', 'ten'],
    '<steps>': ['0', '-1', '1.5', '10000000000', '1e3'],
    '<share>': ['-0.1', '1.1', 'NaN', 'Infinity'],
    '[recall]': ['0', '-1', '1.1', 'NaN'],
    '<rate>': ['0', '-1', 'NaN', 'Infinity'],
    '<norm>': ['0', '-1', 'NaN'],
    '<minutes>': ['0', '-1', 'Infinity'],
    '<x>': ['NaN', 'Infinity', '1,5', ''],
  };
  const seen = new Set<string>();
  for (const [name, add] of Object.entries(commands)) {
    for (const { flags } of add(new Command(name)).options) {
      const [flag, kind = ''] = flags.split(' ');
      const whole = kind === '<n>' && !['--epochs', '--cue-weight'].includes(flag!);
      for (const value of [...(wrong[kind] ?? []), ...(whole ? ['1.5', '10000000000', '99999999999999999999'] : [])]) {
        const quiet = { writeErr: () => {} };
        const command = add(new Command(name)).exitOverride().configureOutput(quiet);
        const parse = () => command.parse([`${flag}=${value}`], { from: 'user' });
        assert.throws(parse, new RegExp(`${flag}.*Expected`), `${name} ${flag} ${value}`);
        seen.add(flag!);
      }
    }
  }
  assert.ok(seen.size > 50, `${seen.size} flags`);
  assert.deepEqual(['-2.5', '0'].map(finiteNumber), [-2.5, 0]);
  assert.equal(seedNumber('4294967295'), 4294967295);
  assert.throws(() => seedNumber('4294967296'));
});

test('flags become options, and what is not given stays at its default', () => {
  assert.deepEqual(collect('b=c', collect('a=b', undefined)), ['a=b', 'b=c']);
  assert.deepEqual(tableOptions({ field: ['text=sentence'], labelColumn: 'y', names: 'a,b', format: 'tsv' }), {
    columns: { text: 'sentence' },
    labelColumn: 'y',
    table: { format: 'tsv', names: ['a', 'b'], quoted: undefined },
  });
  assert.deepEqual(modelOptions({}), { threads: undefined, cacheFolder: undefined, hub: {} });
  assert.deepEqual(modelOptions({ threads: 2, cache: 'c', revision: 'r', offline: true }), {
    threads: 2,
    cacheFolder: 'c',
    hub: { revision: 'r', offline: true },
  });
});
