import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import { readTable, type TableOptions } from './read-table.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'softprompt-table-'));
});
after(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

type Rows = [number, Record<string, string | null>][];

async function rowsOf(path: string, options?: TableOptions): Promise<Rows> {
  const rows: Rows = [];
  for await (const { number, values } of readTable(path, options)) rows.push([number, Object.fromEntries(values)]);
  return rows;
}

async function read(name: string, content: string | Uint8Array, options?: TableOptions): Promise<Rows> {
  return rowsOf(await file(name, content), options);
}

async function fails(rows: Promise<Rows>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(rows, (error) => {
    assert.ok(error instanceof SoftpromptError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

test('JSON lines: values become text, blank lines are passed over, line numbers stay true', async () => {
  assert.deepEqual(
    await read(
      'a.jsonl',
      '\ufeff{"id": 1, "text": "该文本😀\\n\\"q\\"", "ok": true, "n": null}\r\n\n{"text": "007", "k": [1, {"a": 2}]}',
    ),
    [
      [1, { id: '1', text: '该文本😀\n"q"', ok: 'true', n: null }],
      [3, { text: '007', k: '[1,{"a":2}]' }],
    ],
  );
});

test('JSON: long integers beside a text of twelve million characters, with every escape', async () => {
  const text = 'a "quoted" \\ word\n1234567890123456789 '.repeat(300_000);
  const row = `{"id": -12345678901234567890, "text": ${JSON.stringify(text)}, "n": [1234567890123456, 1.5], "end": "\\\\"}`;
  const [[, values] = []] = await read('long.jsonl', `${row}\n`);
  assert.equal(values?.id, '-12345678901234567890');
  assert.ok(values.text === text);
  assert.equal(values.n, '["1234567890123456",1.5]');
  assert.equal(values.end, '\\');
});

test('JSON: what is nested too deeply is refused with its line', async () => {
  const deep = `{"a": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  await fails(read('deep.jsonl', `{"a": 1}\n${deep}\n`), 'DATA_JSON_INVALID', /deep\.jsonl:2 .*'a'.*nested too deeply/);
});

test('JSON: integers beyond 2^53 keep every digit, digits in strings stay', async () => {
  assert.deepEqual(
    await read('long.json', '{"id": 12345678901234567890, "x": 0.12345678901234567, "t": "a \\"1234567890123456789,"}'),
    [[1, { id: '12345678901234567890', x: '0.12345678901234566', t: 'a "1234567890123456789,' }]],
  );
});

test('JSON: one array of objects', async () => {
  const text = '\n[\n {"a": "x"},\n {"a": "y"}\n]\n';
  assert.deepEqual(await read('array.json', text), [
    [1, { a: 'x' }],
    [2, { a: 'y' }],
  ]);
});

test('JSON: a column may be called like a property of every object', async () => {
  assert.deepEqual(await read('proto.jsonl', '{"constructor": "c"}'), [[1, { constructor: 'c' }]]);
});

test('JSON: what is not an object is reported with its line', async () => {
  await fails(read('bad.jsonl', '{"a": 1}\n\n{"a": \n'), 'DATA_JSON_INVALID', /bad\.jsonl:3 is not JSON/);
  await fails(read('two.jsonl', '{"a": 1} {"a": 2}\n'), 'DATA_JSON_INVALID', /two\.jsonl:1/);
  await fails(read('number.jsonl', '{"a": 1}\n3\n'), 'DATA_JSON_INVALID', /number\.jsonl:2 is 3/);
  await fails(read('array-item.json', '[{"a": 1}, "x"]'), 'DATA_JSON_INVALID', /array-item\.json:2 is "x"/);
  await fails(read('cut.json', '[{"a": 1},'), 'DATA_JSON_INVALID', /cut\.json:1 is not JSON/);
});

test('JSON: a table column by column is told from rows of lists', async () => {
  for (const columns of [
    '{"user":{"0":"a","1":"b"},"item":{"0":"x","1":"y"}}',
    '{"user":["a","b"],"item":["x","y"]}',
  ]) {
    await fails(read('columns.json', columns), 'DATA_JSON_INVALID', /column by column.*orient="records"/);
  }
  assert.deepEqual(
    await read('lists.jsonl', '{"items":["a","b"],"stars":[1,2],"user":"u"}\n{"a":["x","y"],"b":["z","w"]}'),
    [
      [1, { items: '["a","b"]', stars: '[1,2]', user: 'u' }],
      [2, { a: '["x","y"]', b: '["z","w"]' }],
    ],
  );
});

test('CSV after RFC 4180: quotes, commas and line breaks within values; a multi-line row has the number of its first line', async () => {
  const text = 'text,label\r\n"a ""q"", b\r\nline 2\rx",1\r\n\r\n"",2\n ,007\n"x\ny",NULL';
  assert.deepEqual(await read('a.csv', text), [
    [2, { text: 'a "q", b\r\nline 2\rx', label: '1' }],
    [5, { text: '', label: '2' }],
    [6, { text: ' ', label: '007' }],
    [7, { text: 'x\ny', label: 'NULL' }],
  ]);
});

test('CSV: quoting mistakes and ragged rows are reported with their line', async () => {
  await fails(read('open.csv', 'a,b\nx,1\n"y,2\nz,3\n'), 'DATA_QUOTES', /open\.csv:3 /);
  await fails(read('junk.csv', 'a,b\n"y"z,2\n'), 'DATA_QUOTES', /junk\.csv:2 /);
  await fails(
    read('more.csv', 'a,b\nx,1\ny,2,\n'),
    'DATA_ROW_RAGGED',
    /more\.csv:3 has 3 values: "y", "2", ""\. Expected 2/,
  );
  await fails(read('less.csv', 'a,b\nx\n'), 'DATA_ROW_RAGGED', /less\.csv:2 has 1 values/);
  await fails(read('same.csv', 'a,b,a\n1,2,3\n'), 'DATA_COLUMN_REPEATED', /two columns named 'a'/);
});

test('TSV: quotes are ordinary characters unless asked otherwise', async () => {
  const text = 'sentence\tlabel\n"unbalanced\t1\nit "s\' fine"\t0\n';
  assert.deepEqual(await read('a.tsv', text), [
    [2, { sentence: '"unbalanced', label: '1' }],
    [3, { sentence: 'it "s\' fine"', label: '0' }],
  ]);
  assert.deepEqual(await read('quoted.tsv', 'a\tb\n"x\ty"\t1\n', { quoted: true }), [[2, { a: 'x\ty', b: '1' }]]);
});

test('TSV: a lone carriage return is text, and does not shift line numbers', async () => {
  assert.deepEqual(await read('cr.tsv', 'a\tb\r\nx\ry\t1\r\nz\t2\r\n'), [
    [2, { a: 'x\ry', b: '1' }],
    [3, { a: 'z', b: '2' }],
  ]);
  await fails(read('cr-ragged.tsv', 'a\tb\nx\ry\t1\nz\n'), 'DATA_ROW_RAGGED', /cr-ragged\.tsv:3 /);
});

test('TSV without a header line: names are given', async () => {
  assert.deepEqual(await read('bare.tsv', 'x\t1\n', { names: ['text', 'label'] }), [[1, { text: 'x', label: '1' }]]);
});

test('hard strings survive CSV and JSON lines exactly', async () => {
  const hard = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\t', ' ', 'a', '中', '😀', '\ufeff', '\u2028', '\0') }),
  );
  const table = fc.array(fc.tuple(hard, hard), { minLength: 1, maxLength: 8 });
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      run += 1;
      const csv = ['a,b', ...rows.map((row) => row.map(quote).join(','))].join('\n');
      const fromCsv = await read(`hard-${run}.csv`, csv);
      assert.deepEqual(
        fromCsv.map(([, row]) => [row.a, row.b]),
        rows,
      );
      const jsonl = rows.map(([a, b]) => JSON.stringify({ a, b })).join('\n');
      const fromJson = await read(`hard-${run}.jsonl`, jsonl);
      assert.deepEqual(
        fromJson.map(([number, row]) => [number, row.a, row.b]),
        rows.map((row, i) => [i + 1, ...row]),
      );
      let line = 2;
      for (const [i, [a, b]] of rows.entries()) {
        assert.equal(fromCsv[i]![0], line);
        line += 1 + (a + b).split('\n').length - 1;
      }
    }),
    { numRuns: 100 },
  );
});

test('a line longer than the read buffer, and characters cut by it, stay whole', async () => {
  const text = '中😀'.repeat(60_000);
  assert.deepEqual(await read('wide.tsv', `a\n${text}\n${text}x`), [
    [2, { a: text }],
    [3, { a: `${text}x` }],
  ]);
});

test('gzip is recognised by its content, in several members too', async () => {
  const rows: Rows = [
    [2, { a: 'é' }],
    [3, { a: 'ü' }],
  ];
  assert.deepEqual(await read('g.tsv.gz', Buffer.concat([gzipSync('a\né\n'), gzipSync('ü\n')])), rows);
  assert.deepEqual(await read('g.csv', gzipSync('a\né\nü\n')), rows);
  const packed = gzipSync('a\n'.repeat(1000));
  await fails(read('cut.tsv.gz', packed.subarray(0, packed.length - 9)), 'DATA_GZIP_DAMAGED', /unexpected end/);
});

test('Parquet, plain and packed: every type becomes text, null stays null', async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const path = join(folder, "it's [1].parquet");
  await connection.run(
    `COPY (SELECT * FROM (VALUES (1::BIGINT, 'é中😀"', true, '007', 1.5::DOUBLE), (2, NULL, false, '', NULL)) t(id, text, ok, code, x))
     TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  const rows: Rows = [
    [1, { id: '1', text: 'é中😀"', ok: 'true', code: '007', x: '1.5' }],
    [2, { id: '2', text: null, ok: 'false', code: '', x: null }],
  ];
  assert.deepEqual(await rowsOf(path), rows);
  assert.deepEqual(await read('packed.parquet.gz', gzipSync(await readFile(path))), rows);
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith('softprompt-parquet-'));
  assert.deepEqual(left, [], 'the unpacked copy is removed');
  await fails(read('bad.parquet', 'hello'), 'DATA_PARQUET_INVALID', /bad\.parquet cannot be read as Parquet/);
});

test('text in another encoding is named, with its line and the command that converts it', async () => {
  const gbk = Buffer.from([...Buffer.from('text\nabc\n'), 0xd6, 0xd0, 0xce, 0xc4, 0x0a]); // 中文
  await fails(read('gbk.csv', gbk), 'DATA_ENCODING', /gbk\.csv:3 is not UTF-8 text; it looks like GB18030/);
  const latin = Buffer.from('{"a": "x"}\n{"a": "déjà vu"}\n', 'latin1');
  await fails(read('latin.jsonl', latin), 'DATA_ENCODING', /latin\.jsonl:2 .*WINDOWS-1252/);
  await fails(
    read('latin.jsonl.gz', gzipSync(latin)),
    'DATA_ENCODING',
    /gunzip -c .*latin\.jsonl\.gz \| iconv -f WINDOWS-1252 -t UTF-8 > .*latin\.utf8\.jsonl`/,
  );
  await fails(
    read('late.tsv', Buffer.concat([Buffer.from(`a\n${'x\n'.repeat(90_000)}`), Buffer.from([0xff, 0x0a])])),
    'DATA_ENCODING',
    /late\.tsv:90002 /,
  );
});

test('a reader may stop early', async () => {
  const lines = '{"a": "x"}\n'.repeat(200_000);
  const paths = [await file('stop.jsonl.gz', gzipSync(lines)), await file('stop.tsv', `a\n${'x\n'.repeat(200_000)}`)];
  for (const path of paths) {
    for await (const { values } of readTable(path)) {
      assert.equal(values.get('a'), 'x');
      break;
    }
  }
});

test('files without rows, of unknown format, or not there', async () => {
  for (const [name, text] of Object.entries({
    'e.csv': '',
    'h.tsv': 'text\tlabel\n',
    'e.jsonl': '\n',
    'e.json': '[]',
  })) {
    await fails(read(name, text), 'DATA_EMPTY', /has no rows/);
  }
  await fails(read('a.xlsx', 'x'), 'DATA_FORMAT_UNKNOWN', /\.xlsx does not tell its format/);
  assert.deepEqual(await read('a.txt', '{"a": "b"}', { format: 'json' }), [[1, { a: 'b' }]]);
  await fails(rowsOf(join(folder, 'missing.csv')), 'DATA_FILE_UNREADABLE', /There is no file .*missing\.csv/);
  await fails(rowsOf(folder, { format: 'csv' }), 'DATA_FILE_UNREADABLE', /EISDIR/);
});
