import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, type JsonEvent, jsonEvents, softprompt } from '../cli/spawn-softprompt.js';

interface TourResult extends JsonEvent {
  readonly sentiment: readonly {
    readonly language: string;
    readonly scores: readonly { readonly name: string; readonly scores: Readonly<Record<string, number>> }[];
    readonly predictions: readonly { readonly label: string }[];
  }[];
  readonly books: {
    readonly test: Readonly<Record<string, number>>;
    readonly baselines: readonly {
      readonly name: string;
      readonly test: Readonly<Record<string, number>>;
      readonly difference: { readonly interval: readonly [number, number] };
    }[];
    readonly served: { readonly list: readonly { readonly item_id: string; readonly because: unknown[] }[] };
  };
}

/** `softprompt start`, cut short: what the README's first line runs. */
describe('the tour', () => {
  let folder: string;
  let result: TourResult;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'softprompt-tour-'));
    const ended = await softprompt(['start', '--max-steps', '160', '--epochs', '12', '--json'], { cwd: folder });
    assert.equal(ended.code, 0, ended.stderr);
    result = jsonEvents(ended).at(-1) as TourResult;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [language, floor] of [
    ['Chinese', 0.82],
    ['English', 0.64],
  ] as const) {
    it(`learns ${language} sentiment, better than the unlearned words`, () => {
      const { scores, predictions } = result.sentiment.find((part) => part.language === language)!;
      const accuracy = (name: string) => scores.find((row) => row.name.startsWith(name))!.scores.accuracy!;
      assert.ok(accuracy('learned prompt') > floor, `${accuracy('learned prompt')}`);
      assert.ok(accuracy('learned prompt') > accuracy('written prompt'));
      assert.ok(accuracy('learned prompt') > accuracy('bag of words'));
      assert.ok(accuracy('bag of words') > 0.55);
      assert.equal(predictions.length, 3);
    });
  }

  it('recommends books better than popularity and item neighbours', () => {
    assert.ok(result.books.test['ndcg@10']! > 0.1);
    for (const name of ['popularity', 'ItemKNN']) {
      const { difference } = result.books.baselines.find((baseline) => baseline.name === name)!;
      assert.ok(difference.interval[0] > 0, `${name} ${difference.interval}`);
    }
    assert.equal(result.books.served.list.length, 5);
    assert.ok(result.books.served.list.some(({ because }) => because.length > 0));
  });

  it('leaves folders that are ready to use', async () => {
    const use = async (args: readonly string[]): Promise<Ended> => {
      const ended = await softprompt(args, { cwd: folder });
      assert.equal(ended.code, 0, ended.stderr);
      return ended;
    };
    const predicted = await use(['predict', 'softprompt-start/sentiment-zh', '味道很好，下次还来']);
    assert.match(predicted.stdout, /^(正向|负向) \(/);
    const history = ['--history', 'dracula,frankenstein'];
    const recommended = await use(['recommend', 'for', 'softprompt-start/books', ...history, '--explain', '--json']);
    const { list } = jsonEvents(recommended).at(-1) as unknown as { list: { item_id: string }[] };
    assert.equal(list.length, 10);
    assert.ok(existsSync(join(folder, 'softprompt-start/books/data/interactions.csv')));
    const report = readFileSync(join(folder, 'softprompt-start/report.html'), 'utf8');
    assert.match(report, /Sample people/);
    assert.match(report, /because of/);
  });
});
