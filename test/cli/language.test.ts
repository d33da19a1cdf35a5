import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commandsOf } from '../../src/cli/options-page.js';
import { softpromptProgram } from '../../src/cli/program.js';
import { inLanguage } from '../../src/cli/spoken-help.js';
import { chooseLanguage } from '../../src/language/language.js';
import { jsonEvents, softprompt } from './spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-language-'));
after(() => rmSync(folder, { recursive: true }));

test('help of every command is Chinese with --lang zh: descriptions, flags, arguments, headings', () => {
  chooseLanguage('zh');
  try {
    for (const [name, command] of commandsOf(inLanguage(softpromptProgram()))) {
      assert.match(command.description(), /\p{Script=Han}/u, name);
      for (const { flags, description } of command.options) {
        assert.match(description, /\p{Script=Han}/u, `${name} ${flags}: ${description}`);
      }
      for (const argument of command.registeredArguments) assert.match(argument.description, /\p{Script=Han}/u, name);
      assert.match(command.helpInformation(), /^用法：/, name);
    }
  } finally {
    chooseLanguage('en');
  }
});

test('errors are Chinese by --lang and by the locale; codes, keys and commands are the same', async () => {
  for (const [args, env] of [
    [['tune', '--lang', 'zh'], {}],
    [['tune'], { LC_ALL: 'zh_CN.UTF-8' }],
  ] as const) {
    const { code, stderr } = await softprompt([...args], { cwd: folder, env });
    assert.equal(code, 1);
    assert.match(stderr, /^FLAG_MISSING: 缺少选项 --\w+。应为：.*。请在命令行或 --config 指定的文件中加上 --\w+。/);
  }
  const told = await softprompt(['tune', '--json', '--lang', 'zh'], { cwd: folder });
  const error = jsonEvents(told).at(-1) as unknown as { event: string; code: string; found: string };
  assert.deepEqual([error.event, error.code], ['error', 'FLAG_MISSING']);
  assert.match(error.found, /缺少选项/);
  const unknown = await softprompt(['tune', '--lr-rate', '1', '--lang', 'zh'], { cwd: folder });
  assert.match(unknown.stderr, /错误：未知选项“--lr-rate”/);
});

test('what a command finds is told in Chinese, and data stays as it is', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `Test ${i % 10},train ${i % 7},2026-01-${10 + (i % 20)}`);
  writeFileSync(join(folder, 'met.csv'), `user,item,time\n${rows.join('\n')}\n`);
  const { code, stdout, stderr } = await softprompt(['data', 'describe', '--interactions', 'met.csv', '--lang', 'zh'], {
    cwd: folder,
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^来源 +met\.csv，30 行/m);
  assert.match(stdout, /^列 +用户 = user，物品 = item，时间 = time/m, 'columns keep their names');
  assert.match(stdout, /^注意 +30 条交互记录中有 20 条与同一用户的另一条时间相同/m);
});
