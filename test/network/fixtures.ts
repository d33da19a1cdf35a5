import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Checkpoint } from '../../src/network/checkpoint/checkpoint.js';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { Random } from '../../src/random.js';

export const MODELS = 'test/fixtures/models';
const STORIES = '../shared/models/stories260k';

/** Opens models of `test/fixtures/models`, with a cache of converted weights that goes when the tests end. */
export function fixtureModels(): (name: string) => Promise<Checkpoint> {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'softprompt-models-'));
  after(() => rmSync(cacheFolder, { recursive: true }));
  return (name) => openCheckpoint(name.includes('/') ? name : join(MODELS, name), { cacheFolder });
}

/** stories260k beside the repository, and the reason to skip where it is not. */
export const stories = {
  folder: STORIES,
  skip: existsSync(STORIES) ? false : `${STORIES} is not there`,
};

export function readJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join('test/fixtures', ...path), 'utf8')) as T;
}

/** The largest difference, as a share of the largest expected number. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} numbers for ${expected.length}`);
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return difference / size;
}

export function randomPrompt(numbers: number, seed = 1, deviation = 0.5): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: numbers }, () => deviation * random.normal());
}
