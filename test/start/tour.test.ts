import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Ended, type JsonEvent, jsonEvents, softprompt } from '../cli/spawn-softprompt.js';

interface TourResult extends JsonEvent {
  readonly sentiment: {
    readonly scores: readonly { readonly name: string; readonly scores: Readonly<Record<string, number>> }[];
    readonly predictions: Readonly<Record<string, readonly { readonly label: string }[]>>;
  };
  readonly books: {
    readonly test: Readonly<Record<string, number>>;
    readonly baselines: readonly {
      readonly name: string;
      readonly test: Readonly<Record<string, number>>;
      readonly difference: { readonly interval: readonly [number, number] };
    }[];
    readonly served: { readonly recommendations: readonly { readonly item: string; readonly because: unknown[] }[] };
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

  const scores = (name: string) => result.sentiment.scores.find((row) => row.name === name)!.scores;

  it('learns sentiment in both languages, well above the unlearned words', () => {
    const learned = scores('learned prompt');
    const unlearned = scores('the same words, unlearned');
    assert.ok(learned.Chinese! > 0.7, `Chinese ${learned.Chinese}`);
    assert.ok(learned.English! > 0.6, `English ${learned.English}`);
    assert.ok(learned.Chinese! > unlearned.Chinese! + 0.05);
    assert.ok(learned.English! > unlearned.English! + 0.05);
    assert.equal(scores('most frequent label').Chinese, 0.5);
    assert.equal(Object.values(result.sentiment.predictions).flat().length, 6);
  });

  it('recommends books better than popularity and item neighbours', () => {
    assert.ok(result.books.test['ndcg@10']! > 0.1);
    for (const name of ['popularity', 'ItemKNN']) {
      const { difference } = result.books.baselines.find((baseline) => baseline.name === name)!;
      assert.ok(difference.interval[0] > 0, `${name} ${difference.interval}`);
    }
    assert.equal(result.books.served.recommendations.length, 5);
    assert.ok(result.books.served.recommendations.some(({ because }) => because.length > 0));
  });

  it('leaves two folders that are ready to use', async () => {
    const use = async (args: readonly string[]): Promise<Ended> => {
      const ended = await softprompt(args, { cwd: folder });
      assert.equal(ended.code, 0, ended.stderr);
      return ended;
    };
    const predicted = await use(['predict', 'softprompt-start/sentiment', '味道很好，下次还来']);
    assert.match(predicted.stdout, /^(正向|负向) \(/);
    const history = ['--history', 'dracula,frankenstein'];
    const recommended = await use(['recommend', 'for', 'softprompt-start/books', ...history, '--explain', '--json']);
    const { recommendations } = jsonEvents(recommended).at(-1) as unknown as { recommendations: { item: string }[] };
    assert.equal(recommendations.length, 10);
    assert.ok(existsSync(join(folder, 'softprompt-start/books/data/interactions.csv')));
  });
});
