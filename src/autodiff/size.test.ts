import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addSizes, multiplySizes, type Size, sameShape, sizeValue } from './size.js';

describe('sizes', () => {
  it('have one text each, whatever the order they were built in', () => {
    assert.equal(addSizes('T', 'B'), 'B+T');
    assert.equal(multiplySizes('T', 2, 'B'), '2*B*T');
    assert.equal(multiplySizes(addSizes('T', 'L'), 'B'), 'B*L+B*T');
    assert.equal(addSizes('T', 'T', 1, 'L', 2), '3+L+2*T');
    assert.equal(multiplySizes('T', 'T'), 'T*T');
  });

  it('are numbers where no symbol is left', () => {
    assert.equal(addSizes(2, 3), 5);
    assert.equal(multiplySizes(2, 3), 6);
    assert.equal(addSizes(), 0);
    assert.equal(multiplySizes(), 1);
    assert.equal(multiplySizes('B', 0), 0);
    assert.equal(multiplySizes(addSizes('B', 'T'), 0), 0);
    assert.equal(addSizes('T', 0), 'T');
    assert.equal(multiplySizes('T', 1), 'T');
  });

  it('have values once their symbols do', () => {
    const symbols = new Map([
      ['B', 2],
      ['T', 5],
    ]);
    assert.equal(sizeValue(7, symbols), 7);
    assert.equal(sizeValue('3+2*B*T+T*T', symbols), 48);
    assert.throws(() => sizeValue('B+N', symbols), /'B\+N' needs a value for 'N'/);
  });

  it('obey the laws of arithmetic, as values and as texts', () => {
    const symbols = new Map([
      ['A', 3],
      ['B', 5],
      ['Long_1', 7],
    ]);
    const leaf = fc.oneof(fc.nat(9), fc.constantFrom('A', 'B', 'Long_1'));
    const { size } = fc.letrec<{ size: Size; pair: [Size, Size] }>((tie) => ({
      pair: fc.tuple(tie('size'), tie('size')),
      size: fc.oneof(
        { maxDepth: 3 },
        leaf,
        tie('pair').map(([a, b]) => addSizes(a, b)),
        tie('pair').map(([a, b]) => multiplySizes(a, b)),
      ),
    }));
    fc.assert(
      fc.property(size, size, size, (a, b, c) => {
        const [x, y] = [sizeValue(a, symbols), sizeValue(b, symbols)];
        assert.equal(sizeValue(addSizes(a, b), symbols), x + y);
        assert.equal(sizeValue(multiplySizes(a, b), symbols), x * y);
        assert.equal(addSizes(a, b), addSizes(b, a));
        assert.equal(multiplySizes(a, b), multiplySizes(b, a));
        assert.equal(multiplySizes(a, addSizes(b, c)), addSizes(multiplySizes(a, b), multiplySizes(a, c)));
        assert.equal(multiplySizes(a, multiplySizes(b, c)), multiplySizes(a, b, c));
      }),
    );
  });

  it('make equal shapes when all are equal', () => {
    assert.ok(sameShape(['B', 2], ['B', 2]));
    assert.ok(!sameShape(['B', 2], ['B']));
    assert.ok(!sameShape(['B', 2], ['T', 2]));
    assert.ok(sameShape([6, 'L+T', '4*B*T'], ['2*3', 'T+L', 'T*2*B*2']));
    assert.ok(sameShape([0, 'B'], ['0*B', 'B*1+0']));
  });
});
