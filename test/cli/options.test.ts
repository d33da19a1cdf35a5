/** Every option of every command: declared once, the same to flags, `--config`, programs, help and docs. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import type { Command } from 'commander';
import { applyConfigFile } from '../../src/cli/config-file.js';
import { OptionFlag, optionsFrom } from '../../src/cli/option-flags.js';
import { commandsOf, optionsPage } from '../../src/cli/options-page.js';
import { softpromptProgram } from '../../src/cli/program.js';
import type { SoftpromptError } from '../../src/errors.js';
import { eachOption, flagOf, type Given, isGroup, type Options } from '../../src/options/option.js';
import { optionsRecord } from '../../src/options/option-record.js';
import { settle } from '../../src/options/settle.js';
import { PRETRAINING } from '../../src/pretraining/pretraining-options.js';
import { FIT } from '../../src/recommend/fit-options.js';
import { PROFILE } from '../../src/recommend/profile-options.js';
import { LEARN_WORDS } from '../../src/recommend/titles/learn-words-options.js';
import { TUNE } from '../../src/tasks/tune-options.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-options-'));
after(() => rmSync(folder, { recursive: true }));

test('docs/options.md is in step; node scripts/options-page.mjs writes it', () => {
  assert.equal(readFileSync('docs/options.md', 'utf8'), optionsPage());
});

/** What the commands that learn something settle at their door. */
const PLANS: Readonly<Record<string, Options>> = {
  'softprompt tune': TUNE,
  'softprompt recommend fit': FIT,
  'softprompt recommend profile': PROFILE,
  'softprompt recommend tune-words': LEARN_WORDS,
  'softprompt pretrain': PRETRAINING,
};

/** The command, fresh, without its action: only its flags are read. */
function fresh(name: string): Command {
  const command = [...commandsOf(softpromptProgram())].find(([words]) => words === name)![1];
  command.parent = null;
  return command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
}

/** What each required option may be. */
const given = (options: Options): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, option]): [string, unknown][] => {
      if (isGroup(option)) return [[name, given(option.options)]];
      if (option.required === undefined) return [];
      return [[name, option.kind.repeatable ? ['x'] : name === 'labels' ? { a: 'x', b: 'y' } : 'x']];
    }),
  );

for (const [name, options] of Object.entries(PLANS)) {
  describe(name, () => {
    const plan = settle(options, given(options) as Given<Options>, 'TUNING_SETTING');

    it('has defaults that it would take from people, and settles them once', () => {
      for (const [path, { kind, default: usual }] of eachOption(options)) {
        if (usual !== undefined) assert.ok(kind.holds(usual), `${path}: ${usual}`);
      }
      assert.deepEqual(settle(options, plan, 'TUNING_SETTING'), plan);
    });

    it('keeps what was settled in a record that says the same', () => {
      assert.deepEqual(withoutUndefined(optionsRecord(options).parse(plan)), withoutUndefined(plan));
    });

    it('refuses a wrong value and an unknown name by name, flag and nearest', () => {
      for (const [path, option] of eachOption(options)) {
        const wrong = settingAt(given(options), path, Symbol('no value of any option'));
        assert.throws(
          () => settle(options, wrong as Given<Options>, 'TUNING_SETTING'),
          (error: SoftpromptError) => {
            const flag = flagOf(path.slice(path.lastIndexOf('.') + 1), option);
            return error.message.includes(path) && (flag === null || error.message.includes(flag));
          },
          path,
        );
      }
      assert.throws(() => settle(options, { ...given(options), ouut: 'x' } as Given<Options>, 'TUNING_SETTING'), /out/);
    });

    it('shows every option in help and in docs/options.md', () => {
      const help = fresh(name).helpInformation();
      const section = optionsPage().split(`\n## ${name}`)[1]!.split('\n## ')[0]!;
      for (const [path, option] of eachOption(options)) {
        const flag = flagOf(path.slice(path.lastIndexOf('.') + 1), option);
        if (flag === null || path === 'interactions') continue;
        assert.match(help, new RegExp(`--(no-)?${flag}\\b`));
        assert.ok(section.includes(`\`${path}\``), path);
      }
    });
  });
}

for (const [name] of commandsOf(softpromptProgram())) {
  test(`${name}: a flag, its key in --config and what programs say are one`, async () => {
    const positional = fresh(name).registeredArguments.map(() => 'x');
    for (const flag of fresh(name).options) {
      if (!(flag instanceof OptionFlag)) continue;
      const { kind } = flag.option;
      const text = kind.choices?.[0] ?? SAMPLES.find((one) => kind.sign !== '' && isValue(kind, one));
      if (kind.sign !== '' && text === undefined) assert.fail(`no sample for ${flag.flags}`);
      const long = flag.long!.slice(2);
      const said = fresh(name);
      await said.parseAsync([...positional, `--${long}`, ...(text === undefined ? [] : [text])], { from: 'user' });
      const path = join(folder, 'run.yaml');
      writeFileSync(path, `${long}: ${text === undefined ? 'true' : JSON.stringify(text)}\n`);
      const configured = fresh(name).hook('preAction', (_, command) => applyConfigFile(command));
      await configured.parseAsync([...positional, '--config', path], { from: 'user' });
      const attribute = flag.attributeName();
      assert.deepEqual(configured.opts()[attribute], said.opts()[attribute], flag.flags);
      const option = { ...flag.option, required: undefined, flag: long.replace(/^no-/, '') };
      const { value } = optionsFrom({ value: option } as unknown as Options, said.opts()) as { value: unknown };
      assert.ok(kind.holds(value), `${flag.flags} ${text} is ${JSON.stringify(value)}`);
    }
  });
}

test('only what no program could say is a flag that no capability has declared', () => {
  const plain = new Set<string>();
  for (const [, command] of commandsOf(softpromptProgram())) {
    for (const flag of command.options) if (!(flag instanceof OptionFlag)) plain.add(flag.long!);
  }
  // init alone has --out and --overwrite of its own: it writes what a command line is made of
  assert.deepEqual([...plain].sort(), [
    ...[
      '--config',
      '--dry-run',
      '--json',
      '--lang',
      '--list',
      '--out',
      '--overwrite',
      '--quiet',
      '--stream',
      '--verbose',
    ],
  ]);
});

const SAMPLES = [
  '2',
  '0.5',
  '1/2',
  'ease,sasrec',
  'a=b',
  '{"a":"x","b":"y"}',
  'a,b',
  'soft,lora',
  'none,nearest',
  'ask,record',
  'year > 1990:0.7',
];

interface Valued {
  read(texts: readonly string[]): unknown;
  holds(value: unknown): boolean;
}

function isValue({ read, holds }: Valued, text: string): boolean {
  try {
    const value = read([text]);
    return value !== undefined && holds(value);
  } catch {
    return false;
  }
}

function settingAt(options: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : settingAt((options[name] ?? {}) as typeof options, rest.join('.'), value);
  return { ...options, [name]: inner };
}

const withoutUndefined = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, withoutUndefined(one)]])),
      );
