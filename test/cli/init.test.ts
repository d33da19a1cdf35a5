/** `init` writes what `--config` reads; `completion` knows every command and flag. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { completionScript, SHELLS } from '../../src/cli/completion.js';
import { commandsOf } from '../../src/cli/options-page.js';
import { softpromptProgram } from '../../src/cli/program.js';
import { jsonEvents, softprompt } from './spawn-softprompt.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-init-'));
after(() => rm(folder, { recursive: true, force: true }));
const write = async (name: string, content: string | Uint8Array) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
const rows = (header: string, row: (i: number) => string) =>
  `${[header, ...Array.from({ length: 30 }, (_, i) => row(i))].join('\n')}\n`;

test('the YAML of labelled texts is what tune reads: the same command as without it', async () => {
  const file = await write(
    'tickets.csv',
    rows('id,message,kind', (i) => `${i},please help me with number ${i},${['billing', 'delivery'][i % 2]}`),
  );
  const out = join(folder, 'tune.yaml');
  const made = await softprompt(['init', file, '--out', out]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /npx softprompt tune --config/);
  const text = await readFile(out, 'utf8');
  assert.deepEqual(parse(text), {
    ...{ train: file, model: 'embedded', template: '[soft:8]{text|max=160} Category:{label}' },
    ...{ labels: { billing: ' billing', delivery: ' delivery' }, 'label-column': 'kind', out: 'tickets-prompt' },
    ...{ field: ['text=message'], method: 'auto' },
  });
  assert.match(text, /# passes over the training data/);
  assert.match(text, /# batch-size: 16/);
  // what is wrong with a value shows that the file was read: nothing else is wrong
  const wrong = await write('wrong.yaml', `${text}\nbatch-size: none\n`);
  const read = await softprompt(['tune', '--config', wrong, '--json']);
  assert.match(read.stdout, /batch-size: \\?"none/);
  const again = await softprompt(['init', file, '--out', out, '--json']);
  assert.equal(jsonEvents(again).at(-1)!.code, 'DATA_OUTPUT_EXISTS');
});

test('a file of interactions is one for recommend fit; a command without a file has no value', async () => {
  const file = await write(
    'orders.csv',
    rows('customer_id;product_id;date', (i) => `c${i % 5};p${i % 7};2026-01-0${1 + (i % 9)}`),
  );
  const out = join(folder, 'fit.yaml');
  const made = await softprompt(['init', file, '--out', out]);
  assert.match(made.stdout, /recommend fit --config/);
  assert.deepEqual(parse(await readFile(out, 'utf8')), {
    ...{ interactions: file, out: 'orders-recommender' },
    ...{ 'user-column': 'customer_id', 'item-column': 'product_id', 'time-column': 'date' },
  });
  const empty = join(folder, 'serve.yaml');
  assert.equal((await softprompt(['init', 'serve', '--out', empty])).code, 0);
  assert.equal(parse(await readFile(empty, 'utf8')), null);
  const wrong = await softprompt(['init', 'tunes', '--out', join(folder, 'x.yaml'), '--json']);
  assert.match(String(jsonEvents(wrong).at(-1)!.fix), /tune/);
});

test('every shell completes every command and flag', () => {
  const program = softpromptProgram();
  for (const shell of SHELLS) {
    const script = completionScript(shell, program);
    for (const [name, command] of commandsOf(program)) {
      assert.ok(script.includes(`${name.split(' ').slice(1).join(' ')}`), name);
      for (const { long } of command.options)
        assert.ok(script.includes(shell === 'fish' ? `-l ${long!.slice(2)} ` : long!), `${shell} ${name} ${long}`);
    }
  }
});

test('bash completes subcommands, flags and choices', async () => {
  const script = await write('completion.bash', completionScript('bash', softpromptProgram()));
  const complete = (...words: string[]) =>
    execFileSync(
      'bash',
      [
        '-c',
        `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _softprompt; echo "\${COMPREPLY[@]}"`,
        'softprompt',
        ...words,
      ].map(String),
      { encoding: 'utf8', cwd: folder },
    )
      .trim()
      .split(' ');
  assert.deepEqual(complete('softprompt', 'recomm'), ['recommend']);
  assert.deepEqual(complete('softprompt', 'recommend', 'upd'), ['update']);
  assert.ok(complete('softprompt', 'recommend', 'fit', 'orders.csv', '--item').includes('--items'));
  assert.deepEqual(complete('softprompt', 'tune', '--method', 'aut'), ['auto']);
  assert.deepEqual(complete('softprompt', 'predict', 'tick'), ['tickets.csv']);
});
