/** `tune FILE` and `recommend fit FILE`: what is inferred is said as the command that repeats it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inferTask } from '../../src/tasks/infer-task.js';
import { jsonEvents, softprompt } from './spawn-softprompt.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-inferred-'));
after(() => rm(folder, { recursive: true, force: true }));
const write = async (name: string, lines: readonly string[]) => {
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
};
const kinds = ['billing', 'delivery', 'returns_and_refunds'];
const messages = await write('messages.csv', [
  'id,received,message,kind',
  ...Array.from(
    { length: 30 },
    (_, i) => `${i},2026-01-${10 + (i % 20)},please help me with number ${i},${kinds[i % 3]}`,
  ),
]);

test('label and text are told by their names, or by their values', async () => {
  const task = await inferTask(messages);
  assert.equal(task.labelColumn, 'kind');
  assert.deepEqual(task.columns, { text: 'message' });
  assert.deepEqual(task.labels, {
    billing: ' billing',
    delivery: ' delivery',
    returns_and_refunds: ' returns and refunds',
  });
  const chinese = await write('评论.csv', [
    '评论,情感',
    ...Array.from({ length: 12 }, (_, i) => `这家店的第${i}道菜,${i % 2 === 0 ? '正面' : '负面'}`),
  ]);
  const task2 = await inferTask(chinese);
  assert.equal(task2.labelColumn, '情感');
  assert.deepEqual(task2.labels, { 正面: '正面', 负面: '负面' });
  assert.match(task2.template, /。类别：\{label\}$/);
});

test('where nothing looks like a label, it says what to name', async () => {
  const numbers = await write('numbers.csv', ['a,b', ...Array.from({ length: 12 }, (_, i) => `${i},${i * 7}`)]);
  await assert.rejects(inferTask(numbers), { code: 'DATA_COLUMN_MISSING' });
});

test('--dry-run says the command and leaves nothing', async () => {
  const { code, stdout } = await softprompt(['tune', messages, '--dry-run', '--epochs', '2'], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /tune --train .*messages\.csv --model embedded/);
  assert.match(stdout, /--label-column kind/);
  assert.match(stdout, /--method auto/);
  assert.match(stdout, /--epochs 2/);
  await write('orders.csv', ['Order ID,Customer ID,SKU,Ordered,Purchase date', '1,c1,s1,2,2026-01-02']);
  const orders = ['recommend', 'fit', 'orders.csv', '--items', 'items.csv', '--dry-run'];
  const fit = await softprompt([...orders, '--json'], { cwd: folder });
  const { command } = jsonEvents(fit).at(-1)! as { command?: string };
  assert.equal(
    command,
    `npx softprompt recommend fit --interactions orders.csv --out orders-recommender --model embedded --items items.csv --user-column "Customer ID" --item-column SKU --time-column "Purchase date"`,
  );
  await write('shop.csv', ['订单编号,会员手机号,商品编码,商品标题,付款时间', '1,13800000000,s1,茶壶,2026/1/2 10:00']);
  const said = await softprompt(['recommend', 'fit', 'shop.csv', '--dry-run'], { cwd: folder });
  assert.match(said.stdout, /--user-column 会员手机号 --item-column 商品编码 --time-column 付款时间/);
  const timeless = ['recommend', 'fit', 'shop.csv', '--time-column', 'none', '--dry-run'];
  assert.match((await softprompt(timeless, { cwd: folder })).stdout, /--item-column 商品编码$|--time-column none/m);
  await write('nobody.csv', ['商品编码,付款时间', 's1,2026/1/2']);
  const nobody = await softprompt(['recommend', 'fit', 'nobody.csv', '--dry-run'], { cwd: folder });
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /^DATA_COLUMN_MISSING/);
});

const many = (header: string, row: (i: number) => string) => [header, ...Array.from({ length: 40 }, (_, i) => row(i))];

test('odd but common files: GB18030 of Excel, semicolons and German headers, ratings, several texts', async () => {
  const german = await write(
    'anfragen.csv',
    many(
      'Nr;Betreff;Nachricht;Kategorie',
      (i) =>
        `${i};Frage ${i} zur Lieferung;Wo bleibt denn meine Sendung Nummer ${i}, bitte sehr?;${['Versand', 'Konto'][i % 2]}`,
    ),
  );
  const asked = await inferTask(german);
  assert.equal(asked.labelColumn, 'Kategorie');
  assert.deepEqual(asked.columns, { title: 'Betreff', text: 'Nachricht' });
  assert.equal(asked.template, '[soft:8]{title|max=40} {text|max=160} Category:{label}');

  const rated = await inferTask(
    await write(
      'reviews.csv',
      many('id,rating,review', (i) => `${i},${1 + (i % 5)},this is review number ${i}`),
    ),
  );
  assert.equal(rated.labelColumn, 'rating');
  assert.deepEqual(rated.labels, { 1: ' terrible', 2: ' bad', 3: ' okay', 4: ' good', 5: ' great' });
  assert.match(rated.template, / It was\{label\}$/);

  // 评论,评分 with 这家店很好 N
  const line = (text: Uint8Array, rest: string) => Buffer.concat([text, Buffer.from(rest)]);
  const [review, comma, score] = [Buffer.from('c6c0c2db', 'hex'), Buffer.from(','), Buffer.from('c6c0b7d60a', 'hex')];
  const good = Buffer.from('d5e2bcd2b5eabadcbac3', 'hex');
  await writeFile(
    join(folder, 'excel.csv'),
    Buffer.concat([review, comma, score, ...Array.from({ length: 40 }, (_, i) => line(good, `${i},${1 + (i % 5)}\n`))]),
  );
  const chinese = await inferTask(join(folder, 'excel.csv'));
  assert.equal(chinese.encoding, 'gb18030');
  assert.equal(chinese.labelColumn, '评分');
  assert.deepEqual(chinese.columns, { text: '评论' });
  assert.equal(chinese.labels['5'], '很好');
  const { stdout } = await softprompt(['tune', join(folder, 'excel.csv'), '--dry-run'], { cwd: folder });
  assert.match(stdout, /--encoding gb18030/);

  const numbered = await inferTask(
    await write(
      'news.csv',
      many(
        'class,title,text',
        (i) => `${1 + (i % 4)},headline of piece ${i},the long story of what happened in place ${i} that day`,
      ),
    ),
  );
  assert.deepEqual(numbered.labels, { 1: ' 1', 2: ' 2', 3: ' 3', 4: ' 4' }, 'numbers of classes are no ratings');
});
