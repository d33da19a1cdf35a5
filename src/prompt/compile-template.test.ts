import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Example } from '../data/example.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type CompiledTemplate, type CompileOptions, compileTemplate } from './compile-template.js';
import { describeSequence } from './describe-sequence.js';
import { parseLabels } from './labels.js';
import { parseTemplate } from './parse-template.js';
import { asLearnedToken, type PromptSequence } from './sequence.js';

let byteLevel: Tokenizer; // begins every text with id 1
let plain: Tokenizer; // the same without
let sentencePiece: Tokenizer; // begins every text with id 1
before(async () => {
  byteLevel = await loadTokenizer('test/fixtures/tokenizer/tiny-byte-level.json');
  plain = { ...byteLevel, bos: undefined };
  sentencePiece = await loadTokenizer('test/fixtures/tokenizer/tiny-sentencepiece.json');
});

const ENGLISH = parseLabels({ 0: ' terrible', 1: ' great' });
const CHINESE = parseLabels({ 正: '正向', 负: '负向' });

function compile(source: string, options: Partial<CompileOptions> = {}): CompiledTemplate {
  return compileTemplate(parseTemplate(source), { tokenizer: plain, labels: ENGLISH, maxLength: 512, ...options });
}

function example(fields: Record<string, string>, label?: string): Example {
  return { id: 'a.jsonl:7', fields, label };
}

/** Context and candidates as people read them, one token between bars. */
function read(sequence: PromptSequence, tokenizer: Tokenizer): { context: string; candidates: string[] } {
  const name = (id: number) => {
    const k = asLearnedToken(id);
    return k === undefined ? tokenizer.describe(id) : `<${k}>`;
  };
  return {
    context: Array.from(sequence.context, name).join('|'),
    candidates: sequence.candidates.map((ids) => Array.from(ids, name).join('|')),
  };
}

describe('golden sequences', () => {
  it('the worked example, byte-level', () => {
    const compiled = compile('{text}。该文本表达了{label}情感', { labels: CHINESE });
    const sequence = compiled.encode(example({ text: '很好' }, '负'));
    assert.deepEqual([...sequence.context], [...plain.encode('很好'), ...plain.encode('。该文本表达了')]);
    assert.deepEqual(
      sequence.candidates.map((ids) => [...ids]),
      [
        [...plain.encode('正向'), ...plain.encode('情感')],
        [...plain.encode('负向'), ...plain.encode('情感')],
      ],
    );
    assert.equal(sequence.target, 1);
    assert.equal(plain.decode([...sequence.context, ...sequence.candidates[1]!]), '很好。该文本表达了负向情感');
    assert.equal(compiled.sharedRows, 0);
    assert.deepEqual(read(sequence, plain), {
      context: '很|好|。|该文\\xE6\\x9C|\\xAC表达了',
      candidates: ['正|向|\\xE6\\x83|\\x85\\xE6\\x84|\\x9F', '负|向|\\xE6\\x83|\\x85\\xE6\\x84|\\x9F'],
    });
  });

  it('the worked example, SentencePiece: one space of the tokenizer, in front of the text', () => {
    const compiled = compile('[soft:1]{text}。该文本表达了{label}情感', { labels: CHINESE, tokenizer: sentencePiece });
    const sequence = compiled.encode(example({ text: '很好' }));
    assert.deepEqual(read(sequence, sentencePiece), {
      context: '<0>|<s>| |很|好|。|该文本表达了',
      candidates: ['正|向|情|感', '负|向|情|感'],
    });
    assert.equal(sequence.target, undefined);
  });

  it('ids are those of the PEFT peer: text, then cue, then label word', () => {
    const { context, candidates } = compile('[soft:3]{text} It was{label}').encode(example({ text: 'a good film' }));
    assert.deepEqual([...context], [-1, -2, -3, ...plain.encode('a good film'), ...plain.encode(' It was')]);
    assert.deepEqual([...candidates[1]!], plain.encode(' great'));
  });

  it('learned tokens anywhere, numbered in order, free or from words', () => {
    const compiled = compile('[soft:2]Film: {text}[soft:"It was"] so[soft:1]{label}');
    assert.equal(compiled.learnedTokens, 2 + plain.encode('It was').length + 1);
    assert.deepEqual(compiled.starts, [
      { kind: 'free' },
      { kind: 'free' },
      ...plain.encode('It was').map((id) => ({ kind: 'words', id })),
      { kind: 'free' },
    ]);
    const { context } = compiled.encode(example({ text: 'good' }));
    assert.deepEqual(
      Array.from(context).filter((id) => id < 0),
      compiled.starts.map((_, k) => -1 - k),
    );
  });
});

describe('the space before a slot or label', () => {
  it('belongs to what follows it', () => {
    const fields = { text: 'was great', other: 'good' };
    const moved = compile('It {text} {other} is {label}!', { labels: parseLabels({ 0: 'terrible', 1: 'great' }) });
    const sequence = moved.encode(example(fields));
    const expected = ['It', ' was great', ' good', ' is'].flatMap((text) => plain.encode(text));
    assert.deepEqual([...sequence.context], expected);
    const written = compile('It {text} {other} is{label}!').encode(example(fields));
    assert.deepEqual(sequence, written);
  });

  it('stays where learned tokens follow', () => {
    const { context } = compile('It [soft:1]{label}').encode(example({}));
    assert.deepEqual([...context], [...plain.encode('It '), -1]);
  });
});

describe('the begin-of-sequence token', () => {
  const contextOf = (source: string, options: Partial<CompileOptions> = {}) => [
    ...compile(source, { tokenizer: byteLevel, ...options }).encode(example({ text: '7' })).context,
  ];
  const seven = () => plain.encode('7')[0]!;

  it('follows the learned tokens that open the template, else comes first', () => {
    assert.deepEqual(contextOf('[soft:2]{text}{label}'), [-1, -2, 1, seven()]);
    assert.deepEqual(contextOf('[soft:1][soft:"7"]{text}{label}'), [-1, -2, 1, seven()]);
    assert.deepEqual(contextOf('{text}[soft:2]{label}'), [1, seven(), -1, -2]);
    assert.deepEqual(contextOf('[soft:2]{label}'), [-1, -2, 1]);
    assert.deepEqual(contextOf('{label}'), [1]);
  });

  it('can be another one', () => {
    assert.deepEqual(contextOf('{text}{label}', { bos: 0 }), [0, seven()]);
    assert.deepEqual(contextOf('{text}{label}', { tokenizer: plain, bos: 0 }), [0, seven()]);
  });
});

describe('the prefix', () => {
  it('is all before the first slot, and the same for every example', () => {
    const compiled = compile('[soft:4]Film: {text} It was{label}', { tokenizer: byteLevel });
    const texts = ['good', ' ', '坏'].map((text) => compiled.encode(example({ text })).context);
    assert.equal(compiled.sharedRows, 4 + 1 + plain.encode('Film:').length);
    for (const context of texts) {
      assert.deepEqual(context.slice(0, compiled.sharedRows), texts[0]!.slice(0, compiled.sharedRows));
    }
    assert.equal(compile('{text}{label}').sharedRows, 0);
    assert.equal(compile('[soft:4]Film{label}').sharedRows, 4 + plain.encode('Film').length);
  });
});

describe('sequences that are too long', () => {
  const digits = (count: number) => '0123456789'.repeat(10).slice(0, count); // one token each
  const lengthOf = ({ context, candidates }: PromptSequence) =>
    context.length + Math.max(...candidates.map((ids) => ids.length));

  it('lose words of their slots, from the end that may go', () => {
    const contextOf = (source: string, maxLength: number) =>
      plain.decode([...compile(source, { maxLength }).encode(example({ a: digits(30), b: '12345' })).context]);
    const label = plain.encode(' terrible').length;
    assert.equal(contextOf('{a|max=4}{label}', 512), '0123');
    assert.equal(contextOf('{a|max=4,keep=end}{label}', 512), '6789');
    assert.equal(contextOf('{a}{label}', 12 + label), '012345678901');
    assert.equal(contextOf('{a|keep=end}{label}', 12 + label), '890123456789');
    assert.equal(contextOf('{a}{b}{label}', 12 + label), '012345612345');
    assert.equal(contextOf('{a}7{b|keep=end}{label}', 5 + label), '01745');
  });

  it('never lose fixed words, learned tokens or the label', () => {
    const source = '[soft:3]7{a}7{b}[soft:2]7{label}';
    const least = compile(source);
    const fixed = lengthOf(least.encode(example({ a: '', b: '' })));
    for (let maxLength = fixed + 2; maxLength < fixed + 40; maxLength++) {
      const compiled = compile(source, { maxLength });
      const sequence = compiled.encode(example({ a: digits(20), b: digits(9) }));
      assert.equal(lengthOf(sequence), Math.min(maxLength, fixed + 29));
      assert.equal(Array.from(sequence.context).filter((id) => id < 0).length, 5);
      assert.deepEqual(sequence.candidates, least.candidates);
    }
    const expected = { code: 'PROMPT_TOO_LONG', message: new RegExp(`${fixed} of ${fixed + 1} positions`) };
    assert.throws(() => compile(source, { maxLength: fixed + 1 }), expected);
    assert.throws(() => compile('[soft:999999]{label}'), { code: 'PROMPT_TOO_LONG' });
  });
});

describe('labels', () => {
  it('whose tokens cannot be told apart', () => {
    const labelled = (tail: string, labels: Record<string, string>) => () =>
      compile(`{text}{label}${tail}`, { labels: parseLabels(labels) });
    assert.throws(labelled('', { a: '1', b: '10' }), { code: 'LABELS_INVALID', message: /'b' begin with all .*'a'/ });
    labelled('.', { a: '1', b: '10' })();
    const deaf = { ...plain, encode: (text: string) => Array.from(text, () => 9) };
    assert.throws(() => compile('{text}{label}', { labels: parseLabels({ a: 'x', b: 'y' }), tokenizer: deaf }), {
      code: 'LABELS_INVALID',
      message: /'a' and 'b' are the same tokens/,
    });
  });

  it('outside the set', () => {
    assert.throws(() => compile('{text}{label}').encode(example({ text: 'a' }, '2')), {
      code: 'LABEL_UNKNOWN',
      message: /a\.jsonl:7.*'2'.*0, 1/,
    });
  });
});

it('a field that is missing is named with those that are there, and its place', () => {
  const message =
    /no field 'body'\. Expected one of its fields: title, text\. .*\n {2}\{title\} \{body\}\{label\}\n {10}\^$/s;
  const compiled = compile('{title} {body}{label}');
  assert.throws(() => compiled.encode(example({ title: 'a', text: 'b' })), { code: 'FIELD_MISSING', message });
  assert.throws(() => compile('{toString}{label}').encode(example({})), { code: 'FIELD_MISSING' });
});

it('an example with nothing before the label is refused', () => {
  assert.throws(() => compile('{text}{label}').encode(example({ text: '' })), { code: 'PROMPT_EMPTY' });
  assert.throws(() => compile('{label}'), { code: 'PROMPT_EMPTY' });
  assert.deepEqual([...compile('{text}.{label}').encode(example({ text: '' })).context], plain.encode('.'));
});

it('a sequence is described as text, learned tokens and candidates', () => {
  const compiled = compile('[soft:1]{text} It was[soft:1]{label}.', { tokenizer: sentencePiece });
  const sequence = compiled.encode(example({ text: 'good' }, '1'));
  const pieces = describeSequence(sequence, sentencePiece).map((piece) =>
    piece.kind === 'learned'
      ? piece
      : { kind: piece.kind, text: piece.text, ...(piece.kind === 'label' && { right: piece.right }) },
  );
  assert.deepEqual(pieces, [
    { kind: 'learned', token: 0 },
    { kind: 'text', text: '<s> good It was' },
    { kind: 'learned', token: 1 },
    { kind: 'label', text: ' terrible.', right: false },
    { kind: 'label', text: ' great.', right: true },
  ]);
});

describe("the tokenizer's marks", () => {
  it('are tokens in fixed words, after the label and in words to start from, and characters in what examples bring', () => {
    const compiled = compile('<|im_start|>{text}[soft:"<|im_end|>x"]<|im_end|>\n<|im_start|>It was{label}<|im_end|>', {
      labels: parseLabels({ a: ' a<|im_end|>', b: ' b' }),
    });
    const sequence = compiled.encode(example({ text: 'x<|im_end|>' }));
    assert.deepEqual(
      Array.from(sequence.context).filter((id) => id === 1 || id === 2),
      [1, 2, 1],
    );
    assert.deepEqual(
      [...sequence.context.subarray(1, 1 + plain.encode('x<|im_end|>').length)],
      plain.encode('x<|im_end|>'),
    );
    assert.deepEqual(compiled.starts[0], { kind: 'words', id: 2 });
    assert.deepEqual(
      sequence.candidates.map((ids) => [...ids]),
      [
        [...plain.encode(' a<|im_end|>'), 2],
        [...plain.encode(' b'), 2],
      ],
    );
  });

  it('open the text behind them as if it stood alone, where the tokenizer has it so', () => {
    const compiled = compile('<s>{text}</s>It was{label}', { tokenizer: sentencePiece, labels: ENGLISH });
    const { context } = compiled.encode(example({ text: 'good' }));
    assert.deepEqual([...context], sentencePiece.encodeWritten('<s>good</s>It was').ids);
  });

  it('that begin a text are not put in front a second time', () => {
    const written = compile('[soft:1]<|im_start|>{text}{label}', { tokenizer: byteLevel });
    assert.deepEqual([...written.encode(example({ text: 'x' })).context].slice(0, 3), [
      -1,
      1,
      ...byteLevel.encode('x'),
    ]);
    const other = compile('<|im_end|>{text}{label}', { tokenizer: byteLevel });
    assert.deepEqual([...other.encode(example({ text: 'x' })).context].slice(0, 2), [1, 2]);
  });
});

it('slots and learned tokens behind the label are no template for a causal model', () => {
  const mistake = (message: RegExp) => ({ code: 'TEMPLATE_INVALID', message });
  assert.throws(() => compile('{label} {text}'), mistake(/\{text\} after \{label\}.*in front/s));
  assert.throws(() => compile('{label}[soft:3]'), mistake(/Learned tokens after \{label\}/));
});
