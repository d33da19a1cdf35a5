/** The Chinese README's own commands, on a made-up shop whose files Excel would have written in GB18030. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const CLI = resolve('dist/src/cli/main.js');
const TEAS = ['茉莉花茶', '铁观音', '正山小种', '白牡丹', '大麦茶', '薄荷茶'];
const CUPS = ['青瓷杯', '玻璃壶', '竹茶筅', '紫砂壶', '骨瓷碟', '茶盘'];

/** Node writes no GB18030; iconv does, where there is one. */
function encoded(text: string): Buffer | undefined {
  try {
    return execFileSync('iconv', ['-f', 'utf-8', '-t', 'gb18030'], { input: text });
  } catch {
    return undefined;
  }
}

test('README.zh-CN.md: from GB18030 files to recommendations with reasons, and sorted messages', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'softprompt-zh-'));
  const items = [
    ...TEAS.map((title, i) => [`tea-0${i + 1}`, title, '茶叶']),
    ...CUPS.map((title, i) => [`cup-0${i + 2}`, title, '茶具']),
  ];
  const orders = Array.from({ length: 60 }, (_, person) =>
    Array.from({ length: 5 }, (_, time) => {
      const [id] = items[((person % 2) * 6 + ((person + 5 * time) % 6)) % 12]!;
      return `${person === 0 ? '张三' : `顾客${person}`},${id},2026-01-0${time + 1}`;
    }),
  ).flat();
  const messages = { 物流: '包裹三天了还没到', 售后: '杯子收到时已经碎了', 咨询: '请问这款茶怎么泡' };
  const rows = Object.entries(messages).flatMap(([label, text]) =>
    Array.from({ length: 12 }, (_, i) => `${text}第${i}次,${label}`),
  );
  const files = {
    '订单.csv': encoded(`用户,商品编号,时间\n${orders.join('\n')}\n`),
    '商品.csv': encoded(`商品编号,标题,分类\n${items.map((row) => row.join(',')).join('\n')}\n`),
    '客服.csv': `消息,类别\n${rows.join('\n')}\n`,
  };
  if (Object.values(files).includes(undefined)) return t.skip('no iconv');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content!);
  try {
    const blocks = [...readFileSync('README.zh-CN.md', 'utf8').matchAll(/^```bash\n(.*?)^```/gms)].map(
      ([, text]) => text!,
    );
    assert.equal(blocks.length, 2);
    const script = blocks.join('').replaceAll('npx softprompt', `"${process.execPath}" "${CLI}"`);
    const env = { ...process.env, LC_ALL: 'zh_CN.UTF-8' };
    const printed = execFileSync('bash', ['-ec', script], { cwd: folder, env, encoding: 'utf8' });
    assert.match(printed, /60 人中有 \d+ 人在 10 条推荐里找到了下一次的选择/);
    assert.match(printed, /因为 [^\n]*(茶|壶|杯|观音|小种|牡丹|筅|碟|盘)/);
    assert.match(printed, /^(物流|售后|咨询) \(/m);
    assert.doesNotMatch(printed, /\b(Note|Data|Model|Verdict)\b/);
    assert.match(readFileSync(join(folder, '报告.html'), 'utf8'), /<html lang="zh">[\s\S]*结论/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
