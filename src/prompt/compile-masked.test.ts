import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import { compileMaskedTemplate } from './compile-masked.js';
import { parseLabels } from './labels.js';
import { parseTemplate } from './parse-template.js';
import { asLearnedToken } from './sequence.js';

const tokenizer = await loadTokenizer('test/fixtures/tokenizer/tiny-word-piece.json');
const compile = (template: string, labels: Record<string, string>, maxLength = 64) =>
  compileMaskedTemplate(parseTemplate(template), { tokenizer, labels: parseLabels(labels), maxLength });
const example = (text: string, label?: string) => ({ id: 'x', fields: { text }, label });
const read = (ids: Int32Array) =>
  Array.from(ids, (id) => (asLearnedToken(id) === undefined ? tokenizer.describe(id) : `<${asLearnedToken(id)}>`)).join(
    ' ',
  );

describe('templates of masked models', () => {
  it('hold masks in the place of the label, whatever stands around it', () => {
    const compiled = compile('[soft:2]该文本表达了{label}情感。{text}[soft:1]', { pos: '正向', neg: '负向' });
    const { masked, context, candidates, target } = compiled.encode(example('很好', 'neg'));
    assert.equal(masked!.length, 1);
    assert.equal(read(masked![0]!.ids), '<0> <1> [CLS] 该 文 本 表 达 了 [MASK] [MASK] 情 感 。 很 好 <2> [SEP]');
    assert.deepEqual(masked![0]!.masks, [9, 10]);
    assert.deepEqual(context, masked![0]!.ids);
    assert.deepEqual(
      candidates.map((ids) => read(ids)),
      ['正 向', '负 向'],
    );
    assert.deepEqual([target, compiled.learnedTokens, compiled.sharedRows], [1, 3, 0]);
  });

  it('make a text for each length of the labels, with the same slots', () => {
    const compiled = compile('{text}。表达了{label}', { good: '好', positive: '正向', bad: '差' });
    const { masked, candidates } = compiled.encode(example('这个产品很好'));
    assert.deepEqual(
      masked!.map(({ ids }) => read(ids)),
      ['[CLS] 这 个 产 品 很 好 。 表 达 了 [MASK] [MASK] [SEP]', '[CLS] 这 个 产 品 很 好 。 表 达 了 [MASK] [SEP]'],
    );
    assert.deepEqual(
      candidates.map(({ length }) => length),
      [1, 2, 1],
    );
  });

  it('cut slots so that the longest text fits', () => {
    const compiled = compile('{text}表{label}', { a: '正向', b: '好' }, 8);
    const lengths = compiled.encode(example('这个产品很好')).masked!.map(({ ids }) => ids.length);
    assert.deepEqual(lengths, [8, 7]);
  });

  it('refuse labels that are the same tokens, and tokenizers without a mask', () => {
    assert.throws(() => compile('{text}{label}', { a: '好', b: ' 好' }), { code: 'LABELS_INVALID' });
    const options = {
      tokenizer: { ...tokenizer, mask: undefined },
      labels: parseLabels({ a: '好', b: '差' }),
      maxLength: 9,
    };
    assert.throws(() => compileMaskedTemplate(parseTemplate('{text}{label}'), options), {
      code: 'TOKENIZER_UNSUPPORTED',
      message: /no mask/,
    });
  });

  it('may be as short as a mask between the marks', () => {
    assert.equal(read(compile('{label}', { a: '好', b: '差' }).encode(example('')).context), '[CLS] [MASK] [SEP]');
  });
});
