import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationAttributes } from '../../autodiff/operation-attributes.js';
import type { Checkpoint, WeightLocation } from './checkpoint.js';
import { weightSource } from './weight-source.js';

const location = (name: string, rows: number, offset: number, file = 'a'): WeightLocation => ({
  name,
  shape: [rows, 3],
  file,
  offset,
  byteLength: rows * 12,
});

function sourceOf(...locations: readonly WeightLocation[]) {
  const weights = new Map(locations.map((weight) => [weight.name, weight]));
  return weightSource({ weights } as Partial<Checkpoint> as Checkpoint);
}

test('a weight is one tensor however often it is asked for', () => {
  const source = sourceOf(location('model.layers.4.x', 2, 0));
  assert.equal(source.get('model.layers.4.x'), source.get('model.layers.4.x'));
  assert.throws(() => source.get('model.layers.5.x'), /no weight 'model.layers.5.x'/);
});

test('matrices that lie one after the other are joined without copying', () => {
  const [q, k] = [location('model.layers.0.q', 4, 100), location('model.layers.0.k', 2, 148)];
  const source = sourceOf(q, k);
  const joined = source.joined(['model.layers.0.q', 'model.layers.0.k'])!;
  assert.equal(source.joined(['model.layers.0.q', 'model.layers.0.k']), joined);
  const { file, shape, offset, byteLength } = joined.node.attributes as OperationAttributes['weight'];
  assert.deepEqual({ file, shape, offset, byteLength }, { file: 'a', shape: [6, 3], offset: 100, byteLength: 72 });
});

test('others are not joined: a gap, another order, another file, one that is missing', () => {
  const q = location('model.layers.0.q', 4, 100);
  for (const k of [location('model.layers.0.k', 2, 152), location('model.layers.0.k', 2, 76)]) {
    assert.equal(sourceOf(q, k).joined(['model.layers.0.q', 'model.layers.0.k']), undefined);
  }
  assert.equal(
    sourceOf(q, location('model.layers.0.k', 2, 148, 'b')).joined(['model.layers.0.q', 'model.layers.0.k']),
    undefined,
  );
  assert.equal(sourceOf(q).joined(['model.layers.0.q', 'model.layers.0.k']), undefined);
});
