import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSeconds, snakeCase } from './output.js';

test('keys become snake_case at every depth, but not those that are the users own words', () => {
  assert.deepEqual(
    snakeCase({
      peakRssMib: 1,
      macroF1: [{ bestStep: 'aB' }],
      nll: null,
      probabilities: { isGood: 1 },
      fields: { aB: 'x' },
      items: [{ attributes: { releaseYear: '1999' }, empty: { releaseYear: 2 } }],
    }),
    {
      peak_rss_mib: 1,
      macro_f1: [{ best_step: 'aB' }],
      nll: null,
      probabilities: { isGood: 1 },
      fields: { aB: 'x' },
      items: [{ attributes: { releaseYear: '1999' }, empty: { releaseYear: 2 } }],
    },
  );
});

test('seconds as people say them', () => {
  const said = {
    0.4: '0 s',
    59.4: '59 s',
    59.6: '1 min 0 s',
    75: '1 min 15 s',
    3599: '59 min 59 s',
    3661: '1 h 1 min',
  };
  for (const [seconds, text] of Object.entries(said)) assert.equal(formatSeconds(Number(seconds)), text);
});
