import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SoftpromptError } from '../errors.js';
import { parseTemplate } from './parse-template.js';
import { formatTemplate, type TemplatePart } from './template.js';
import { withoutLearned } from './without-learned.js';

describe('parts', () => {
  it('of the worked example', () => {
    assert.deepEqual(parseTemplate('[soft:20]{text}。该文本表达了{label}情感').parts, [
      { kind: 'learned', count: 20, at: 0 },
      { kind: 'slot', field: 'text', max: undefined, keep: 'start', at: 9 },
      { kind: 'words', text: '。该文本表达了', at: 15 },
      { kind: 'label', at: 22 },
      { kind: 'words', text: '情感', at: 29 },
    ]);
  });

  it('with options, quoted words and blanks inside', () => {
    assert.deepEqual(parseTemplate('{ a b |max=128, keep=end}[soft: "say \\"x\\"\\n" ]{label}').parts, [
      { kind: 'slot', field: 'a b', max: 128, keep: 'end', at: 0 },
      { kind: 'learned-words', words: 'say "x"\n', at: 25 },
      { kind: 'label', at: 47 },
    ]);
  });

  it('escapes, and brackets that open nothing', () => {
    const [words] = parseTemplate('\\{a\\} [b] \\[soft:2] [softly] \\\\ \\n{label}').parts;
    assert.deepEqual(words, { kind: 'words', text: '{a} [b] [soft:2] [softly] \\ \n', at: 0 });
  });
});

describe('mistakes name their place', () => {
  const mistakes: [template: string, column: number, message: RegExp][] = [
    ['{text} It was', 14, /No \{label\}.*Expected \{label\} where/s],
    ['', 1, /No \{label\}/],
    ['{label} or {label}', 12, /A second \{label\}.*Leave one/s],
    ['好{text {label}', 2, /'\{' that is never closed/],
    ['a {text', 3, /'\{' that is never closed/],
    ['a} {label}', 2, /'\}' that closes nothing.*\\\}/s],
    ['{}{label}', 2, /A slot without a name/],
    ['{ |max=3}{label}', 2, /A slot without a name/],
    ['{soft:20}{label}', 2, /Learned tokens in braces.*\[soft:20\]/s],
    ['{text,max=3}{label}', 2, /looks like options/],
    ['{label|max=3}', 7, /An option of \{label\}/],
    ['{text|size=3}{label}', 7, /The unknown option 'size'.*max=TOKENS or keep/s],
    ['{text|max=3,}{label}', 13, /An empty option/],
    ['{text|max=3, max=4}{label}', 14, /A second max=/],
    ['{text|max=many}{label}', 7, /max=many.*whole number from 1/s],
    ['{text|max=0}{label}', 7, /max=0/],
    ['{text|max=1.5}{label}', 7, /max=1\.5/],
    ['{text|keep=middle}{label}', 7, /keep=middle.*keep=start or keep=end/s],
    ['[soft:0]{label}', 7, /\[soft:0\].*whole number from 1/s],
    ['[soft:-1]{label}', 7, /\[soft:-1\]/],
    ['[soft:]{label}', 7, /Nothing after \[soft:/],
    ['[soft:“words”]{label}', 7, /\[soft:“words”\].*quoted words/s],
    ['[soft:20{label}', 1, /'\[soft:' that is never closed/],
    ['[soft:""]{label}', 7, /no words.*words to start from/s],
    ['[soft:"words]{label}', 7, /A quotation mark that is never closed/],
    ['[soft:"words"', 1, /'\[soft:' that is never closed/],
    ['[soft:"words"20]{label}', 14, /'2'.*']' after the words/s],
    ['[soft:"\\x"]{label}', 8, /'\\x'/],
    ['a [soft20]{label}', 3, /The unknown part '\[soft20\]'.*'\[soft:'/s],
    ['a [Soft:20]{label}', 3, /The unknown part '\[Soft:20\]'/],
    ['a [soft]{label}', 3, /The unknown part '\[soft\]'/],
    ['a\\d{label}', 2, /'\\d'.*\\\{/s],
    ['{label}a\\', 9, /'\\' as the last character/],
  ];
  for (const [template, column, message] of mistakes) {
    it(JSON.stringify(template), () => {
      const at = Array.from(template)
        .slice(0, column - 1)
        .join('').length;
      assert.throws(
        () => parseTemplate(template),
        (error: SoftpromptError) => {
          assert.equal(error.code, 'TEMPLATE_INVALID');
          assert.match(error.message, message);
          assert.match(error.facts.found, new RegExp(`at column ${column} of the template$`));
          const [shown, caret] = error.message.split('\n').slice(-2);
          assert.equal(shown, `  ${template}`);
          assert.equal(caret!.length, 3 + Array.from(template.slice(0, at)).length);
          return true;
        },
      );
    });
  }

  it('with a mark under it, two columns wide below Chinese', () => {
    assert.throws(() => parseTemplate('评论：\n好👍{text|foo=1}。{label}'), {
      message: [
        "The unknown option 'foo' at line 2, column 9 of the template. Expected max=TOKENS or keep=start|end. " +
          'Write for example {text|max=128,keep=end}.',
        '  好👍{text|foo=1}。{label}',
        '  \u3000\u3000      ^',
      ].join('\n'),
    });
  });
});

/** Parts as a parser may give them: no empty or neighbouring words, one label, words alone after it. */
const field = fc.stringMatching(/^[a-z文][a-z 0-9._:-]{0,4}[a-z]$/).filter((name) => !/^(soft:.*|label)$/.test(name));
const notWords: fc.Arbitrary<TemplatePart> = fc.oneof(
  fc.record({
    kind: fc.constant('slot' as const),
    field,
    max: fc.option(fc.integer({ min: 1, max: 999_999 }), { nil: undefined }),
    keep: fc.constantFrom('start' as const, 'end' as const),
    at: fc.constant(0),
  }),
  fc.record({ kind: fc.constant('learned' as const), count: fc.integer({ min: 1, max: 999_999 }), at: fc.constant(0) }),
  fc.record({
    kind: fc.constant('learned-words' as const),
    words: fc.string({ minLength: 1, unit: 'binary' }),
    at: fc.constant(0),
  }),
);
const text = fc.array(
  fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom('{', '}', '[', ']', '\\', '[soft', '[ soft:2]', '\\[', '\n', '"'),
  ),
  { minLength: 1 },
);
const words: fc.Arbitrary<TemplatePart[]> = fc
  .option(text, { nil: [] })
  .map((pieces) => (pieces.length === 0 ? [] : [{ kind: 'words', text: pieces.join(''), at: 0 }]));
const parts = fc
  .tuple(fc.array(fc.tuple(words, notWords)), words, words)
  .map(([before, last, after]): TemplatePart[] => [
    ...before.flatMap(([some, part]) => [...some, part]),
    ...last,
    { kind: 'label', at: 0 },
    ...after,
  ]);
const withoutPlaces = (some: readonly TemplatePart[]) => some.map((part) => ({ ...part, at: 0 }));

describe('properties', () => {
  it('parsing what was printed gives the same parts', () => {
    fc.assert(
      fc.property(parts, (some) => {
        assert.deepEqual(withoutPlaces(parseTemplate(formatTemplate(some)).parts), withoutPlaces(some));
      }),
    );
  });

  it('any string is a template or a mistake with a place', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '\\',
      '|',
      'soft',
      ':',
      '"',
      'label',
      'max=',
      '1',
      ',',
      '好',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (some) => {
        const source = some.join('');
        try {
          assert.equal(parseTemplate(source).source, source);
        } catch (error) {
          assert.ok(error instanceof SoftpromptError && error.code === 'TEMPLATE_INVALID', String(error));
          assert.match(error.facts.found, /at (line \d+, )?column \d+ of the template$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('the written template has nothing to learn', () => {
  const written = (source: string) => withoutLearned(parseTemplate(source)).source;
  assert.equal(written('[soft:20]{text|max=9} It was{label}.'), '{text|max=9} It was{label}.');
  assert.equal(written('{text}[soft:"。该文本{"][soft:3]表达了{label}'), '{text}。该文本\\{表达了{label}');
});
