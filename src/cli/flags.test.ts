import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { EXAMPLES_AS_TUNED } from '../data/example-options.js';
import { finite, fromZero, seedNumber, whole } from '../options/kind.js';
import { NEW_ITEMS } from '../recommend/use-options.js';
import { TUNE } from '../tasks/tune-options.js';
import { addDataFlags, addFilterFlags, filterOptions, interactionSource, readingOptions } from './data-flags.js';
import { modelOptions } from './flags.js';
import { addOptions, collect, optionsFrom, parsing } from './option-flags.js';
import { addPretrainFlags } from './pretrain-flags.js';
import { addProfileFlags } from './profile-flags.js';
import { addFitFlags } from './recommend-flags.js';
import { addSearchFlag, addSelectionFlags } from './selection-flags.js';
import { addTableFlags, tableOptions } from './table-flags.js';
import { addRerankFlags, addTuneWordsFlags, addWeighFlags, addWordsFlags } from './words-flags.js';

test('numbers are read whole or not at all', () => {
  assert.deepEqual(['0', '12'].map(parsing(whole(0))), [0, 12]);
  for (const wrong of ['', '-1', '1.5', '1e3', '12px', ' 1'])
    assert.throws(() => parsing(whole(0))(wrong), /whole number/, wrong);
  assert.deepEqual(['0', '0.5', '1e-3'].map(parsing(fromZero())), [0, 0.5, 0.001]);
  for (const wrong of ['', ' ', '-1', 'NaN', 'Infinity', '1,5'])
    assert.throws(() => parsing(fromZero())(wrong), /number from 0/, wrong);
});

test('a number that no command could mean is refused at the door, by the name of its flag', () => {
  const commands = {
    tune: (command: Command) => addOptions(command, TUNE),
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
  assert.deepEqual(['-2.5', '0'].map(parsing(finite())), [-2.5, 0]);
  assert.equal(parsing(seedNumber)('4294967295'), 4294967295);
  assert.throws(() => parsing(seedNumber)('4294967296'));
});

test('flags become options, and what is not given stays at its default', () => {
  assert.deepEqual(collect('b=c', collect('a=b', undefined)), ['a=b', 'b=c']);
  const table = { format: 'tsv', delimiter: undefined, quoted: undefined, encoding: undefined, names: ['a', 'b, c'] };
  const given = { field: ['text=sentence'], labelColumn: 'y', names: ['a', 'b, c'], format: 'tsv' } as const;
  assert.deepEqual(optionsFrom(EXAMPLES_AS_TUNED, given), { columns: { text: 'sentence' }, labelColumn: 'y' });
  assert.deepEqual(tableOptions(given), table);
  assert.deepEqual(modelOptions({}), { threads: undefined, cacheFolder: undefined, hub: {} });
  assert.deepEqual(modelOptions({ threads: 2, cache: 'c', revision: 'r', offline: true }), {
    threads: 2,
    cacheFolder: 'c',
    hub: { revision: 'r', offline: true },
  });
});

/** What a command's flags of tables become, by the name of each option. */
function parsed(add: (command: Command) => Command, ...args: string[]): Record<string, unknown> {
  return add(new Command('x').exitOverride().configureOutput({ writeErr: () => {} }))
    .parse(args, { from: 'user' })
    .opts();
}

test('tables are described by the same flags in every command that reads one', () => {
  const commands = {
    evaluate: (command: Command) => addTableFlags(command),
    fit: addFitFlags,
    profile: addProfileFlags,
    words: addWordsFlags,
    'tune-words': addTuneWordsFlags,
    describe: addDataFlags,
    for: (command: Command) => addOptions(command, NEW_ITEMS),
  };
  const args = ['--format', 'csv', '--delimiter', '\\t', '--no-quoted', '--encoding', 'gbk', '--names', 'a,b'];
  const expected = { format: 'csv', delimiter: '\t', quoted: false, encoding: 'gbk', names: ['a', 'b'] };
  for (const [name, add] of Object.entries(commands)) {
    assert.deepEqual(tableOptions(parsed(add, ...args)), expected, name);
    assert.equal(parsed(add, '--quoted').quoted, true, name);
    assert.equal(parsed(add).quoted, undefined, name);
    assert.throws(() => parsed(add, '--delimiter', ''), /--delimiter/, name);
  }
  assert.throws(() => tableOptions({ format: 'parquet', delimiter: ';' }), { code: 'FLAG_CONFLICT' });
  assert.throws(() => tableOptions({ format: 'jsonl', quoted: false }), { code: 'FLAG_CONFLICT' });
});

test('interactions are read by the same flags in every command that reads them', () => {
  const commands = {
    fit: addFitFlags,
    profile: addProfileFlags,
    words: addWordsFlags,
    'tune-words': addTuneWordsFlags,
    describe: addDataFlags,
  };
  const args = [
    '--rating-column',
    'none',
    '--time-column',
    'none',
    '--layout',
    'sequences',
    '--time-unit',
    'date',
    '--names',
    'u,h',
  ];
  for (const [name, add] of Object.entries(commands)) {
    const { interactionTable } = readingOptions(parsed(add, ...args, '--interactions', 'x'));
    const { columns, layout, timeUnit, names, restInLast } = interactionTable;
    assert.deepEqual(
      { columns, layout, timeUnit, names, restInLast },
      {
        columns: { time: null, rating: null },
        layout: 'sequences',
        timeUnit: 'date',
        names: ['u', 'h'],
        restInLast: true,
      },
      name,
    );
    const database = parsed(add, '--database', 'duckdb:shop.duckdb', '--query', 'SELECT 1');
    assert.deepEqual(interactionSource(database), { type: 'duckdb', database: 'shop.duckdb', query: 'SELECT 1' }, name);
  }
  assert.throws(() => interactionSource(parsed(addFitFlags, '--query', 'SELECT 1')), { code: 'FLAG_MISSING' });
  const shares = parsed(addFitFlags, '--split', 'time', '--valid-share', '0.2', '--test-share', '0.3');
  assert.deepEqual(filterOptions(shares), {
    minRating: undefined,
    kCore: undefined,
    split: 'time',
    validShare: 0.2,
    testShare: 0.3,
    ties: undefined,
    seed: undefined,
  });
});

test('names and columns of ids are about their own file, or about the only one', () => {
  const all = ['--interactions', 'x', '--items', 'y', '--users', 'z', '--names', 'u,i', '--id-column', 'sku'];
  const three = readingOptions(parsed(addDataFlags, ...all));
  assert.deepEqual(three.interactionTable.names, ['u', 'i']);
  assert.deepEqual([three.itemTable.names, three.itemTable.idColumn], [undefined, 'sku']);
  assert.deepEqual([three.userTable.names, three.userTable.idColumn], [undefined, undefined]);
  const own = readingOptions(
    parsed(addDataFlags, ...all, '--item-names', 'sku,t', '--user-names', 'n,age', '--user-id-column', 'n'),
  );
  assert.deepEqual(
    [own.itemTable.names, own.userTable.names, own.userTable.idColumn],
    [['sku', 't'], ['n', 'age'], 'n'],
  );
  const items = readingOptions(parsed(addDataFlags, '--items', 'y', '--names', 'id,t'));
  assert.deepEqual(items.itemTable.names, ['id', 't']);
  const users = readingOptions(parsed(addDataFlags, '--users', 'z', '--names', 'n,age', '--id-column', 'n'));
  assert.deepEqual([users.userTable.names, users.userTable.idColumn], [['n', 'age'], 'n']);
});
