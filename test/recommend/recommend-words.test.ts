import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Flags } from '../../src/cli/option-flags.js';
import { wordsCommand } from '../../src/cli/words-command.js';
import { SoftpromptError } from '../../src/errors.js';
import { itemCodes } from '../../src/recommend/titles/titled-items.js';
import { candidateCodes, readWordsCatalogue, type WordsCatalogue } from '../../src/recommend/titles/words-catalogue.js';
import { type Ended, jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-words-'));
after(() => rmSync(folder, { recursive: true }));
cpSync(TINY_MODEL, join(folder, 'model'), { recursive: true });
const ITEMS: Readonly<Record<string, string>> = {
  a: 'the sea',
  b: 'the sea two',
  c: 'old film',
  d: '',
  e: 'a day',
  f: 'zoo',
};
writeFileSync(
  join(folder, 'items.csv'),
  `item_id,title\n${Object.entries(ITEMS)
    .map(([id, title]) => `${id},${title}\n`)
    .join('')}`,
);
writeFileSync(
  join(folder, 'seen.csv'),
  'user_id,item_id,timestamp\nu,a,1\nu,d,2\nv,c,1\nv,e,2\nw,c,1\nw,f,3\nx,d,1\nw,b,2\nv,unlisted,4\n',
);
const words = (...args: string[]) =>
  softprompt(['recommend', 'words', '--model', 'model', '--items', 'items.csv', ...args, '--json'], { cwd: folder });
interface Answer {
  readonly list: readonly {
    readonly rank: number;
    readonly item_id: string;
    readonly attributes: { readonly title: string };
    readonly score: number;
    readonly log_likelihood: number;
    readonly because?: readonly { readonly item_id: string; readonly weight: number }[];
    readonly parts?: readonly { readonly item_id?: string; readonly words?: string; readonly attribution: number }[];
  }[];
  readonly candidates: number;
}
const answer = (ended: Ended): Answer => {
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  return jsonEvents(ended).at(-1) as unknown as Answer;
};

test('a history is answered from the titles alone, and explained', async () => {
  const found = answer(await words('--history', 'a,c', '--explain'));
  assert.equal(found.candidates, 3);
  assert.deepEqual(found.list.map(({ item_id }) => item_id).sort(), ['b', 'e', 'f']);
  for (const [i, { rank, item_id, attributes, score, because, parts, log_likelihood }] of found.list.entries()) {
    assert.deepEqual([rank, attributes], [i + 1, { title: ITEMS[item_id] }]);
    assert.ok(log_likelihood < 0);
    assert.ok(i === 0 || score <= found.list[i - 1]!.score);
    assert.ok(because!.every(({ item_id, weight }) => 'ac'.includes(item_id) && weight > 0));
    assert.deepEqual(
      parts!.flatMap((part) => part.item_id ?? []),
      ['a', 'c'],
    );
    assert.match(parts!.map((part) => part.words ?? '·').join(''), /·· ?\. ?N/);
  }
});

test('a user of the interactions, with another template and scoring', async () => {
  const chosen = ['--interactions', 'seen.csv', '--user', 'u', '--k', '3'];
  const found = answer(await words(...chosen, '--length-power', '0', '--template', '{history}, {label},'));
  assert.equal(found.candidates, 4); // neither what he met, nor what has no title
  assert.equal(found.list.length, 3);
  for (const { score, log_likelihood } of found.list) assert.equal(score, log_likelihood);
});

const catalogue = await readWordsCatalogue({
  items: join(folder, 'items.csv'),
  interactions: join(folder, 'seen.csv'),
});
const bare = await readWordsCatalogue({ items: join(folder, 'items.csv') });

test('candidates: what is popular, listed, in a file, or everything', async () => {
  const chosen = async (from: WordsCatalogue, history: string[], named?: string) =>
    (await candidateCodes(from, itemCodes(from, history), named)).map((code) => from.ids[code]!).join('');
  assert.equal(await chosen(catalogue, ['a']), 'cefb'); // by count, then in the order in which they were met
  assert.equal(await chosen(catalogue, ['a'], 'popular:1'), 'c');
  assert.equal(await chosen(bare, ['a']), 'bcef');
  assert.equal(await chosen(bare, ['a'], ' f,b,a,f'), 'fb');
  writeFileSync(join(folder, 'list.txt'), 'e\r\nf\n');
  assert.equal(await chosen(bare, ['a'], join(folder, 'list.txt')), 'ef');
  assert.deepEqual(
    catalogue.historyOf('v').map((code) => catalogue.ids[code]),
    ['c', 'e', 'unlisted'],
  );
});

test('requests that cannot be answered are refused with a reason', async () => {
  const files = { model: TINY_MODEL, items: join(folder, 'items.csv') };
  const refused = async (code: string, message: RegExp, flags: Flags) =>
    assert.rejects(wordsCommand({ ...files, ...flags }), (error) => {
      assert.ok(error instanceof SoftpromptError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  const interactions = join(folder, 'seen.csv');
  await refused('RECOMMEND_REQUEST', /The history is empty/, { history: [] });
  await refused('RECOMMEND_REQUEST', /None of the 1 items of the history has a title/, { history: ['d'] });
  await refused('RECOMMEND_REQUEST', /The item 'nothing' is not known/, { history: ['a', 'nothing'] });
  await refused('RECOMMEND_REQUEST', /The candidate 'd' has no title/, { history: ['a'], candidates: 'b,d' });
  await refused('RECOMMEND_REQUEST', /There are no candidates/, { history: ['a'], candidates: 'a' });
  await refused('RECOMMEND_REQUEST', /The user 'u' is not known.*--interactions/, { user: 'u' });
  await refused('RECOMMEND_REQUEST', /The user 'nobody'/, { user: 'nobody', interactions });
  await refused('RECOMMEND_OPTION', /maxHistory is 0/, { history: ['a'], maxHistory: 0 });
  await refused('RECOMMEND_OPTION', /k is 0/, { history: ['a'], k: 0 });
  await refused('RECOMMEND_OPTION', /popular:5 without interactions/, { history: ['a'], candidates: 'popular:5' });
  await refused('DATA_COLUMN_MISSING', /titles in 'headline'/, { history: ['a'], titleColumn: 'headline' });
  await refused('TEMPLATE_INVALID', /No \{history\}/, { history: ['a'], template: 'next {label}' });
  await refused('TEMPLATE_INVALID', /--prior-weight 0/, {
    history: ['a'],
    template: '{history} {label}',
    priorWeight: 1,
  });
  await refused('FLAG_MISSING', /Neither/, {});
});
