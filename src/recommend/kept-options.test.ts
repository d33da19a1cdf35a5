import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { RecommendOptions } from './fit-options.js';
import { keptOptions, optionsOfFit, optionsToKeep } from './kept-options.js';

const given: RecommendOptions = { interactions: 'rows.csv', items: 'items.csv', model: 'some/hub-id', out: 'out' };

test('kept options hold in every folder, and endless numbers come back', () => {
  const options = { ...given, users: '/people.csv', network: { patience: Infinity, clipNorm: Infinity, epochs: 3 } };
  const kept = JSON.parse(JSON.stringify(optionsToKeep(options)));
  assert.deepEqual(keptOptions(kept).record, {
    ...options,
    interactions: resolve('rows.csv'),
    items: resolve('items.csv'),
  });
  const model = keptOptions(optionsToKeep({ ...given, model: 'src' })).record!.model;
  assert.equal(model, resolve('src'), 'a folder that is there');
});

test('the password of a database is not kept', () => {
  const database = (connection: string) => {
    const interactions = { type: 'postgres', database: connection, query: 'SELECT 1' } as const;
    return (keptOptions(optionsToKeep({ ...given, interactions })).record!.interactions as typeof interactions)
      .database;
  };
  assert.equal(database('postgresql://ann:s3c%20ret@db:5432/shop?a=b'), 'postgresql://ann@db:5432/shop?a=b');
  assert.equal(database('postgresql://ann@db/shop?password=secret&a=b'), 'postgresql://ann@db/shop?a=b');
  assert.equal(database('postgresql://ann:p@ss@db/shop'), 'postgresql://ann@db/shop');
  assert.equal(database('host=db sslpassword=a password=b user=ann'), 'host=db user=ann');
  assert.equal(database("host=db password='a \\' secret' user=ann"), 'host=db user=ann');
  assert.equal(database('host=db password = secret user=ann'), 'host=db user=ann');
  assert.equal(database('postgresql://db:5432/shop'), 'postgresql://db:5432/shop');
  const sqlite = { type: 'sqlite', database: 'shop.db', query: 'SELECT 1' } as const;
  assert.deepEqual(keptOptions(optionsToKeep({ ...given, interactions: sqlite })).record!.interactions, {
    ...sqlite,
    database: resolve('shop.db'),
  });
});

test('kept options that were edited are refused by name', () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ seed: 'zero' }, /'seed' is wrong/],
    [{ interactions: 7 }, /'interactions' is wrong/],
    [{ split: 'random' }, /'split' is wrong/],
    [{ network: [] }, /'network' is wrong/],
  ];
  for (const [change, message] of wrong) {
    const kept = { ...(optionsToKeep(given) as object), ...change } as Parameters<typeof keptOptions>[0];
    assert.match(keptOptions(kept).problem!, message);
    const saved = { options: kept } as Parameters<typeof optionsOfFit>[0];
    assert.throws(() => optionsOfFit(saved), { code: 'RECOMMENDER_INVALID', message });
  }
});
