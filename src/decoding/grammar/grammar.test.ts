import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { Random } from '../../random.js';
import type { Expression } from './expression.js';
import { type Grammar, grammar } from './grammar.js';
import { JSON_FORMATS } from './json-formats.js';
import { jsonSchemaExpression } from './json-schema.js';
import { parsePattern } from './pattern.js';
import { writtenTokens } from './written-tokens.js';

/** All bytes, and words that cross what a grammar tells apart: quotes with commas, halves of characters, several digits. */
const WORDS = [
  '", "',
  '":',
  ' {"',
  '"}',
  '}, {',
  '12',
  '007',
  'name',
  'true',
  'ab',
  'abc',
  ' a',
  '好',
  '不好',
  '。\n',
  '😀',
  'é-',
];
const HALVES = [Buffer.from('好').subarray(0, 2), Buffer.from('不好').subarray(2, 5), Buffer.from('😀').subarray(1)];
const VOCABULARY = [
  ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
  ...WORDS.map((word) => Buffer.from(word)),
  ...HALVES,
];
const END = VOCABULARY.length;
const TOKENS = writtenTokens({ size: END + 1, special: new Set([END]), bytes: (id) => VOCABULARY[id] });

/** A text that only the grammar leads: any allowed token, whole words rather than bytes. */
function written(form: Grammar, random: Random, room: number): string {
  const constraint = form.constraint(END, room);
  const ids: number[] = [];
  for (;;) {
    const allowed = [...constraint.allowed()];
    assert.ok(allowed.length > 0, `nothing may follow the tokens ${ids.join()}`);
    if (ids.length === room) assert.ok(allowed.includes(END), 'the room is used up');
    const words = allowed.filter((id) => id >= 256 && id !== END);
    const ends = allowed.includes(END) && (ids.length === room || random.uniform() < 0.2);
    const from = words.length > 0 && random.uniform() < 0.5 ? words : allowed;
    const id = ends ? END : from[random.integer(from.length)]!;
    constraint.accept(id);
    if (id === END) return textOf(ids);
    ids.push(id);
  }
}

const textOf = (ids: readonly number[]) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(ids.map((id) => VOCABULARY[id]!)));

const PATTERNS = [
  ...['[0-9]{3}-[0-9]{4}', '(yes|no), because .{1,20}', '^abc$', '\\bab\\b.*', 'a(?!b)[a-c]+'],
  ...[
    '好+|不好。',
    '\\p{Lu}\\p{Ll}*',
    '[^a-z]{2,4}',
    '(a|b)\\1',
    '(?:ab?)*c?',
    '',
    '[\\u{1f600}-\\u{1f610}]{1,2}',
    '(?<!a)b',
    '\\s*\\S+',
  ],
];

test('what a regular expression leads is what it matches, as a whole, within the room', () => {
  for (const pattern of PATTERNS) {
    const form = grammar(parsePattern(pattern), TOKENS, pattern);
    for (let seed = 0; seed < 20; seed++) {
      const text = written(form, new Random(seed), 24);
      assert.match(text, new RegExp(`^(?:${pattern})$`, 'u'), pattern);
    }
  }
});

test('regular expressions at random', () => {
  const leaf = fc.constantFrom('a', '[b-d]', '.', '好', '\\d', '[^a]', '\\w', 'é');
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => a + b),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(tie('tree'), fc.constantFrom('*', '?', '+', '{1,2}')).map(([a, sign]) => `(?:${a})${sign}`),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.nat(), (pattern, seed) => {
      assert.match(
        written(grammar(parsePattern(pattern), TOKENS, pattern), new Random(seed), 60),
        new RegExp(`^(?:${pattern})$`, 'u'),
      );
    }),
    { numRuns: 100, seed: 7 },
  );
});

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 8 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
  },
  required: ['name', 'age'],
};
const SCHEMAS: readonly unknown[] = [
  { type: 'string' },
  { type: 'integer', minimum: -7, exclusiveMaximum: 1205 },
  { type: 'integer', minimum: 98, maximum: 103 },
  { type: 'number', minimum: 0, maximum: 1 },
  { type: 'number', exclusiveMinimum: -3, exclusiveMaximum: 2.5 },
  { type: 'number', minimum: -12.5, exclusiveMaximum: -3 },
  { type: ['string', 'null'] },
  { enum: ['good', 'bad', 3, null, { a: [1, '"'] }] },
  { enum: ['good', 3, 4.5], type: 'integer' },
  { const: 'só "x"' },
  { title: 'a person', ...person, additionalProperties: false },
  {
    type: 'object',
    properties: { a: { type: 'boolean' }, b: { type: 'null' }, c: { type: 'integer' } },
    required: ['b'],
  },
  { properties: { a: { type: 'boolean' }, b: { type: 'null' }, c: { type: 'integer' } }, additionalProperties: false },
  { type: 'object', required: ['x'], additionalProperties: { type: 'integer' } },
  { type: 'object', additionalProperties: { type: 'boolean' } },
  { type: 'array', items: person, minItems: 1, maxItems: 2 },
  { type: 'array', prefixItems: [{ type: 'integer' }, { const: 'x' }], items: { type: 'null' }, maxItems: 3 },
  { type: 'array', maxItems: 0 },
  { type: 'string', pattern: '^[a-z"\\\\]{2,4}$' },
  { type: 'string', pattern: '[0-9]' },
  { anyOf: [{ type: 'integer' }, { type: 'array', items: { type: 'boolean' } }] },
  {
    oneOf: [
      { const: 'a' },
      { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'], additionalProperties: false },
    ],
  },
  {
    allOf: [person, { properties: { age: person.properties.age, like: { enum: ['yes', 'no'] } }, required: ['like'] }],
  },
  {
    type: 'object',
    properties: { v: { type: 'integer' }, next: { $ref: '#' } },
    required: ['v'],
    additionalProperties: false,
  },
  {
    $ref: '#/$defs/list',
    $defs: { list: { type: 'array', items: { anyOf: [{ type: 'integer' }, { $ref: '#/$defs/list' }] }, maxItems: 2 } },
  },
  true,
];

test('what a JSON schema leads, it holds for', () => {
  const ajv = new Ajv2020({ strict: false });
  for (const schema of SCHEMAS) {
    const form = grammar(jsonSchemaExpression(schema), TOKENS, 'it');
    const holds = ajv.compile(schema as object);
    for (let seed = 0; seed < 12; seed++) {
      const text = written(form, new Random(seed), 60);
      assert.ok(holds(JSON.parse(text)), `${JSON.stringify(schema)}: ${text} ${ajv.errorsText(holds.errors)}`);
    }
  }
  for (const format of Object.keys(JSON_FORMATS)) {
    const form = grammar(jsonSchemaExpression({ type: 'string', format }), TOKENS, format);
    for (let seed = 0; seed < 12; seed++) {
      const text: string = JSON.parse(written(form, new Random(seed), 80));
      if (format === 'date') assert.equal(new Date(text).toISOString().slice(0, 10), text);
      if (format === 'date-time') assert.ok(Number.isFinite(Date.parse(text)), text);
      if (format === 'uri') assert.ok(URL.canParse(text), text);
    }
  }
});

test('what cannot be promised is refused by its path, and what nothing matches', () => {
  for (const [schema, found] of [
    [{ properties: { a: { type: 'array', uniqueItems: true } } }, /#\/properties\/a, the keyword 'uniqueItems'/],
    [{ properties: { a: { type: 'text' } } }, /#\/properties\/a, the type "text"/],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, /same texts/],
    [{ $ref: '#/$defs/none' }, /nowhere/],
    [{ type: 'object', required: ['a'], additionalProperties: false }, /'a' required/],
    [{ type: 'string', format: 'color' }, /format 'color'/],
    [[1], /in the place of a schema/],
  ] as const) {
    assert.throws(() => jsonSchemaExpression(schema), found);
  }
  for (const pattern of ['[a', 'foo(?=bar)', '(a*)b\\1', '(?=.*[0-9])[a-f0-9]{3,5}']) {
    assert.throws(() => parsePattern(pattern), { code: 'DECODING_OPTION' }, pattern);
  }
  const refused = (expression: Expression, room: number, found: RegExp) =>
    assert.throws(() => grammar(expression, TOKENS, 'the form').constraint(END, room), found);
  refused(jsonSchemaExpression({ type: 'integer', minimum: 3, maximum: 2 }), 9, /no text matches/);
  refused(parsePattern('a^b'), 9, /no text matches/);
  refused(parsePattern('[0-9]{8}'), 7, /may take 8/);
  refused(parsePattern('(?:[a-z]{1000}){1000}'), 7, /more than \d+ states/);
});

test('a vocabulary without bytes writes only what it can', () => {
  const words = ['a', 'b', 'ab'].map((word) => Buffer.from(word));
  const tokens = writtenTokens({ size: 4, special: new Set([3]), bytes: (id) => words[id] });
  const first = [...grammar(parsePattern('[a-z]b|好'), tokens, 'it').constraint(3, 2).allowed()];
  assert.deepEqual(first.sort(), [0, 1, 2]);
  assert.throws(() => grammar(parsePattern('好'), tokens, 'it'), /no text matches/);
});
