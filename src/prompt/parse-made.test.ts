import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import { compileMaskedTemplate } from './compile-masked.js';
import { compileTemplate } from './compile-template.js';
import { parseLabels } from './labels.js';
import { parseTemplate } from './parse-template.js';
import { asLearnedToken } from './sequence.js';
import { formatTemplate } from './template.js';
import { withoutLearned } from './without-learned.js';

const SOURCE = '[soft:2]Taste[user:stats,rows=2] of {title}[ITEM: vector][soft:1]{label}';
const labels = parseLabels({ yes: ' yes', no: ' no' });
const example = { id: 'x', fields: { title: 'a film' }, label: 'no' };

describe('rows of a user or an item in a template', () => {
  it('are read and written', () => {
    const { parts } = parseTemplate(SOURCE);
    assert.deepEqual(
      parts.filter(({ kind }) => kind === 'made').map(({ at, ...part }) => part),
      [
        { kind: 'made', of: 'user', source: 'stats', rows: 2 },
        { kind: 'made', of: 'item', source: 'vector', rows: 1 },
      ],
    );
    const written = '[soft:2]Taste[user:stats,rows=2] of {title}[item:vector][soft:1]{label}';
    assert.equal(formatTemplate(parts), written);
    assert.equal(formatTemplate(withoutLearned(parseTemplate(written)).parts), 'Taste of {title}{label}');
    const literal = '\\[user:stats] and [users: none]{label}';
    assert.equal(formatTemplate(parseTemplate(literal).parts), literal);
  });

  it('that are mistaken are shown where they stand', () => {
    const wrong = [
      '[user:taste]{label}',
      '[user:stats,rows=0]{label}',
      '[item:vector,row=2]{label}',
      '[item:stats{label}',
    ];
    for (const source of wrong) assert.throws(() => parseTemplate(source), { code: 'TEMPLATE_INVALID' });
  });

  it('are numbered behind all learned tokens, and end what examples share', async () => {
    const tokenizer = await loadTokenizer('test/fixtures/tokenizer/tiny-byte-level.json');
    const template = parseTemplate(SOURCE);
    const compiled = compileTemplate(template, { tokenizer, labels, maxLength: 64, made: true });
    const numbers = Array.from(compiled.encode(example).context, asLearnedToken).filter((row) => row !== undefined);
    assert.deepEqual(numbers, [0, 1, 3, 4, 5, 2]);
    assert.equal(compiled.learnedTokens, 3);
    const { context } = compiled.encode(example);
    assert.equal(compiled.sharedRows, [...context].indexOf(-4));
    assert.throws(() => compileTemplate(template, { tokenizer, labels, maxLength: 64 }), { code: 'TEMPLATE_INVALID' });
  });

  it('stand in masked texts too', async () => {
    const tokenizer = await loadTokenizer('test/fixtures/tokenizer/tiny-word-piece.json');
    const options = { tokenizer, labels: parseLabels({ yes: '很好', no: '不好' }), maxLength: 64 };
    const template = parseTemplate('[user:stats]{title}{label}[item:stats]');
    const { masked } = compileMaskedTemplate(template, { ...options, made: true }).encode({ ...example, label: 'no' });
    const numbers = Array.from(masked![0]!.ids, asLearnedToken).filter((row) => row !== undefined);
    assert.deepEqual(numbers, [0, 1]);
    assert.throws(() => compileMaskedTemplate(template, options), { code: 'TEMPLATE_INVALID' });
  });
});
