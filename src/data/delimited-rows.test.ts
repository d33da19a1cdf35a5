import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTable, type TableOptions } from './read-table.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-delimited-'));
after(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options?: TableOptions) {
  writeFileSync(join(folder, name), content);
  const rows: [number, Record<string, string | null>][] = [];
  for await (const { number, values } of readTable(join(folder, name), options)) {
    rows.push([number, Object.fromEntries(values)]);
  }
  return rows;
}

test('the delimiter is told by the first lines, whatever the ending says', async () => {
  const rows = [
    [2, { user: 'u1', title: 'a, b', stars: '4' }],
    [3, { user: 'u2', title: 'c', stars: '5' }],
  ];
  const text = (delimiter: string) =>
    [
      ['user', 'title', 'stars'],
      ['u1', '"a, b"', '4'],
      ['u2', 'c', '5'],
    ]
      .map((row) => row.join(delimiter))
      .join('\n');
  for (const [name, delimiter] of [
    ['a.csv', ';'],
    ['b.csv', '|'],
    ['c.csv', '\t'],
    ['d.tsv', ','],
    ['e.tsv', ';'],
  ] as const) {
    assert.deepEqual(await read(name, text(delimiter)), rows, `${name} with ${delimiter}`);
  }
  // unquoted commas in texts do not make a comma the delimiter, nor a semicolon in a title another one
  assert.deepEqual(await read('texts.csv', 'text;label\nwell, well, well;1\nno;0\n'), [
    [2, { text: 'well, well, well', label: '1' }],
    [3, { text: 'no', label: '0' }],
  ]);
  assert.deepEqual(await read('comma.csv', 'id,title;subtitle\n1,a;b\n2,c;d\n'), [
    [2, { id: '1', 'title;subtitle': 'a;b' }],
    [3, { id: '2', 'title;subtitle': 'c;d' }],
  ]);
  assert.deepEqual(await read('mixed.csv', 'Name, full;Age\nJo;5\nKim;7\n'), [
    [2, { 'Name, full': 'Jo', Age: '5' }],
    [3, { 'Name, full': 'Kim', Age: '7' }],
  ]);
  assert.deepEqual(await read('one.csv', 'text\nplain\n'), [[2, { text: 'plain' }]]);
});

test('a delimiter that is given holds where it occurs; quotes stay what they are in the format', async () => {
  const quoted = '"user";"item"\n"7";"0590;X"\n';
  assert.deepEqual(await read('q.csv', quoted, { delimiter: ';' }), [[2, { user: '7', item: '0590;X' }]]);
  assert.deepEqual(await read('q.dat', quoted, { delimiter: ';' }), [[2, { user: '7', item: '0590;X' }]]);
  assert.deepEqual(await read('plain.dat', 'a::b\n"x::1\n', { delimiter: '::' }), [[2, { a: '"x', b: '1' }]]);
  // the other table of a command, which needs no flag
  assert.deepEqual(await read('other.csv', 'id,title\n1,x;y\n', { delimiter: ';' }), [[2, { id: '1', title: 'x;y' }]]);
  assert.deepEqual(await read('lines.jsonl', '{"a": "x;y"}\n', { delimiter: ';' }), [[1, { a: 'x;y' }]]);
});

test("Excel's sep= line is no header, and lines keep their numbers", async () => {
  assert.deepEqual(await read('sep.csv', '\ufeffsep=;\r\nuser;stars\r\nu1;1,5\r\n'), [
    [3, { user: 'u1', stars: '1,5' }],
  ]);
  assert.deepEqual(await read('sep-bar.csv', 'sep=|\nuser|a;b;c\nu1|1\n'), [[3, { user: 'u1', 'a;b;c': '1' }]]);
});

test('quotes of a TSV enclose values where they enclose all names or all values, and not elsewhere', async () => {
  assert.deepEqual(await read('header.tsv', '"id"\t"n"\n"a\tb"\t1\n'), [[2, { id: 'a\tb', n: '1' }]]);
  assert.deepEqual(await read('values.tsv', 'id\tn\n"1"\t"2"\n"3"\t"4"\n'), [
    [2, { id: '1', n: '2' }],
    [3, { id: '3', n: '4' }],
  ]);
  assert.deepEqual(await read('headless.tsv', '"a"\t1\n"b"\t2\n', { names: ['id', 'n'] }), [
    [1, { id: 'a', n: '1' }],
    [2, { id: 'b', n: '2' }],
  ]);
  assert.deepEqual(await read('some.tsv', 'text\tn\n"so" he said\t1\n"all"\t2\n'), [
    [2, { text: '"so" he said', n: '1' }],
    [3, { text: '"all"', n: '2' }],
  ]);
  assert.deepEqual(await read('not.tsv', '"id"\t"n"\n"1"\t"2"\n', { quoted: false }), [
    [2, { '"id"': '"1"', '"n"': '"2"' }],
  ]);
});

test('an inch mark within a value is read; a quote at its beginning must end it', async () => {
  assert.deepEqual(await read('inch.csv', 'id,title\n1,Screen 24" black\n2,"Wire, ""thin"""\n3,12"\n'), [
    [2, { id: '1', title: 'Screen 24" black' }],
    [3, { id: '2', title: 'Wire, "thin"' }],
    [4, { id: '3', title: '12"' }],
  ]);
  for (const [name, row] of Object.entries({
    junk: '1,"a"b',
    empty: '1,""x',
    space: '1, "a, b"',
    open: '1,"24 inch',
  })) {
    await assert.rejects(read(`${name}.csv`, `id,title\n${row}\n`), {
      code: 'DATA_QUOTES',
      message: new RegExp(`${name}\\.csv:2 .*--no-quoted`),
    });
  }
  assert.deepEqual(await read('off.csv', 'id,title\n1,"24 inch\n', { quoted: false }), [
    [2, { id: '1', title: '"24 inch' }],
  ]);
});

test('lines end in LF, CR LF, CR or CR CR LF, also behind a closing quote', async () => {
  for (const [i, end] of ['\n', '\r\n', '\r', '\r\r\n'].entries()) {
    const text = ['id,title', '1,"a"', '', '2,b', ''].join(end);
    assert.deepEqual(
      await read(`end-${i}.csv`, text),
      [
        [2, { id: '1', title: 'a' }],
        [4, { id: '2', title: 'b' }],
      ],
      JSON.stringify(end),
    );
    const lines = ['{"id": "1"}', '{"id": "2"}', ''].join(end);
    assert.deepEqual(
      (await read(`end-${i}.jsonl`, lines)).map(([, { id }]) => id),
      ['1', '2'],
      JSON.stringify(end),
    );
  }
});

test('several columns without a name are left out where they are empty', async () => {
  assert.deepEqual(await read('trailing.csv', 'id,title,,\n1,a,,\n'), [[2, { id: '1', title: 'a' }]]);
  assert.deepEqual(await read('index.csv', ',id\n0,a\n'), [[2, { '': '0', id: 'a' }]]);
  await assert.rejects(read('filled.csv', 'id,,\n1,,\n2,,x\n'), { code: 'DATA_COLUMN_REPEATED', message: /line 3/ });
});

test('names that stand in the header line too are not read as a row', async () => {
  const names = ['id', 'title'];
  assert.deepEqual(await read('named.csv', 'id,title\n1,a\nid,title\n', { names }), [
    [2, { id: '1', title: 'a' }],
    [3, { id: 'id', title: 'title' }],
  ]);
});

test('nothing is trimmed, typed, skipped or taken for null', async () => {
  assert.deepEqual(await read('as-is.csv', 'id,v\n 007 ,NULL\n# 1,NaN\n"",1e3\n'), [
    [2, { id: ' 007 ', v: 'NULL' }],
    [3, { id: '# 1', v: 'NaN' }],
    [4, { id: '', v: '1e3' }],
  ]);
});

test("RecBole's types are left out of names, with tabs and with spaces", async () => {
  const rows = [[2, { user_id: 'u', item_id: 'a', timestamp: '3' }]];
  const text = 'user_id:token\titem_id:token\ttimestamp:float\nu\ta\t3\n';
  const spaces = text.replaceAll('\t', ' ');
  assert.deepEqual(await read('tabs.inter', text), rows);
  assert.deepEqual(await read('spaces.inter', spaces), rows);
  assert.deepEqual(await read('spaces.item', spaces, { delimiter: ' ' }), rows);
  assert.deepEqual(await read('spaces.txt', spaces, { delimiter: ' ', format: 'recbole' }), rows);
  assert.deepEqual(await read('commas.csv', text.replaceAll('\t', ',')), rows);
  assert.deepEqual(await read('clock.csv', 'at:float,by\n1,x\n'), [[2, { 'at:float': '1', by: 'x' }]]);
});

test('a ragged row names the delimiter that was read with', async () => {
  await assert.rejects(read('ragged.csv', 'id;title\n1;a\n2;b;c\n'), {
    code: 'DATA_ROW_RAGGED',
    message: /ragged\.csv:3 has 3 values.*with a semicolon between them.*--delimiter/,
  });
});
