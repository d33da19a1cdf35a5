import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

type Row = { text: string; label: string; domain: string; group: string };

const SHARED = 6; // Chinese characters in a row that no two splits may share

const split = (name: string): Row[] =>
  readFileSync(`samples/sentiment-zh/${name}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

const splits = { train: split('train'), valid: split('valid'), test: split('test') };
const all = Object.values(splits).flat();

/** Every run of `SHARED` Chinese characters in the rows, punctuation aside, with the text it stands in. */
function runs(rows: Row[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { text } of rows) {
    const plain = text.replace(/[^\p{Script=Han}]/gu, '');
    for (let i = 0; i + SHARED <= plain.length; i++) found.set(plain.slice(i, i + SHARED), text);
  }
  return found;
}

function assertDisjoint(one: Row[], other: Row[]): void {
  const known = runs(other);
  for (const [run, text] of runs(one)) {
    assert.equal(known.get(run), undefined, `“${run}” of “${text}” stands in another split`);
  }
}

describe('samples/sentiment-zh', () => {
  it('has the counts that its README gives', () => {
    const readme = readFileSync('samples/sentiment-zh/README.md', 'utf8');
    for (const [name, rows] of Object.entries(splits)) {
      assert.match(readme, new RegExp(`\\| \`${name}\\.jsonl\` \\| ${rows.length} \\|`));
    }
    assert.ok(all.length >= 640);
    assert.ok(new Set(all.map((row) => row.domain)).size >= 10);
  });

  it('holds as many positive as negative rows in each split and each group', () => {
    const count = new Map<string, number>();
    for (const [name, rows] of Object.entries(splits)) {
      for (const { label, group } of rows) {
        assert.ok(label === '正向' || label === '负向', label);
        for (const key of [name, group]) count.set(key, (count.get(key) ?? 0) + (label === '正向' ? 1 : -1));
      }
    }
    for (const [key, surplus] of count) assert.equal(surplus, 0, key);
  });

  it('has texts of 8 to 60 characters and no text twice', () => {
    for (const { text } of all) assert.ok(text.length >= 8 && text.length <= 60, text);
    assert.equal(new Set(all.map((row) => row.text)).size, all.length);
  });

  it('keeps each group in one split, under its domain', () => {
    const home = new Map<string, string>();
    for (const [name, rows] of Object.entries(splits)) {
      for (const { group, domain } of rows) {
        assert.equal(home.get(group) ?? name, name, group);
        assert.ok(group.startsWith(`${domain}/`), group);
        home.set(group, name);
      }
    }
  });

  it('shares no wording between the splits', () => {
    assertDisjoint(splits.test, [...splits.train, ...splits.valid]);
    assertDisjoint(splits.valid, splits.train);
  });
});
