import { isDisjointWith } from 'refa';
import { SoftpromptError } from '../../errors.js';
import { type Expression, either, literal, optional, repeated, separated, sequence } from './expression.js';
import { JSON_FORMATS } from './json-formats.js';
import {
  comma,
  jsonInteger,
  jsonLiteral,
  jsonNumber,
  jsonString,
  jsonStringOf,
  jsonStringWith,
  member,
  type NumberBounds,
} from './json-text.js';
import { textNfa } from './text-automaton.js';

type Schema = Readonly<Record<string, unknown>>;

/** Where a schema stands, and how deep in itself. */
interface Within {
  readonly root: unknown;
  readonly path: string;
  readonly references: Readonly<Record<string, number>>;
}

/** A schema that refers to itself, and values that may be anything, are followed so deep. */
const DEEPEST = 3;

/** What says nothing of a value. */
const NOTES = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  '$anchor',
  'title',
  'description',
  'default',
].concat(['examples', 'deprecated', 'readOnly', 'writeOnly']);
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
};
const COMBINED = ['$ref', 'allOf', 'anyOf', 'oneOf', 'enum', 'const', 'type'];

/**
 * JSON texts on one line that a schema (draft 2020-12, or an earlier one) holds for: not all of them, since objects have the members that are
 * named, in their order, but none other.
 * @throws DECODING_OPTION for what no regular expression can promise, by its path
 */
export function jsonSchemaExpression(schema: unknown): Expression {
  return writtenBy(schema, { root: schema, path: '#', references: {} });
}

function writtenBy(schema: unknown, within: Within): Expression {
  if (schema === true) return anything(DEEPEST - 1);
  if (schema === false) return either([]);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw refused(within, `${JSON.stringify(schema)} in the place of a schema`);
  }
  const said = Object.fromEntries(Object.entries(schema).filter(([name]) => !NOTES.includes(name)));
  checkKeywords(said, within);
  const { $ref, allOf, anyOf, oneOf, ...own } = said;
  if ($ref !== undefined) return referred($ref, own, within);
  if (allOf !== undefined)
    return writtenBy(merged([{ ...said, allOf: undefined }, ...schemas(allOf, within)], within), within);
  if (anyOf !== undefined || oneOf !== undefined) {
    if (anyOf !== undefined && oneOf !== undefined) throw refused(within, 'anyOf and oneOf in one schema');
    const name = anyOf === undefined ? 'oneOf' : 'anyOf';
    const branches = schemas(anyOf ?? oneOf, within).map((branch, place) =>
      writtenBy(Object.keys(own).length === 0 ? branch : merged([own, branch], within), {
        ...within,
        path: `${within.path}/${name}/${place}`,
      }),
    );
    if (name === 'oneOf') checkDisjoint(branches, within);
    return either(branches);
  }
  return plain(own, within);
}

function plain(schema: Schema, within: Within): Expression {
  const types = typesOf(schema, within);
  if (schema.enum !== undefined || schema.const !== undefined) return listed(schema, types, within);
  if (types === undefined) return anything(DEEPEST - 1);
  return either(types.map((type) => ofType(type, schema, within)));
}

function ofType(type: string, schema: Schema, within: Within): Expression {
  switch (type) {
    case 'object':
      return object(schema, within);
    case 'array':
      return array(schema, within);
    case 'string':
      return string(schema, within);
    case 'integer':
      return jsonInteger(integerBounds(schema));
    case 'number':
      return jsonNumber(decimalBounds(schema, within));
    case 'boolean':
      return either([literal('true'), literal('false')]);
    default:
      return literal('null');
  }
}

function object(schema: Schema, within: Within): Expression {
  const properties = (schema.properties ?? {}) as Schema;
  const required = (schema.required ?? []) as readonly string[];
  const others = schema.additionalProperties ?? true;
  const at = (name: string) => ({ ...within, path: `${within.path}/properties/${name}` });
  const missing = required.filter((name) => !Object.hasOwn(properties, name));
  if (missing.length > 0 && others === false)
    throw refused(within, `'${missing[0]}' required, and not among the properties`);
  const known = [
    ...Object.entries(properties).map(([name, value]) => ({ name, value })),
    ...missing.map((name) => ({ name, value: others })),
  ].map(({ name, value }) => ({
    needed: required.includes(name),
    written: member(name, writtenBy(value, at(name))),
  }));
  if (known.length > 0 || others === false) return sequence(literal('{'), chosen(known), literal('}'));
  const any = member(jsonString(1, 40), writtenBy(others, { ...within, path: `${within.path}/additionalProperties` }));
  return sequence(literal('{'), separated(any, comma, 0, Number.POSITIVE_INFINITY), literal('}'));
}

/** Members in their order, those that are not needed left out or not, commas between. */
function chosen(known: readonly { readonly needed: boolean; readonly written: Expression }[]): Expression {
  const first = known.findIndex(({ needed }) => needed);
  const behind = (from: number) =>
    known.slice(from).map(({ needed, written }) => {
      const one = sequence(comma, written);
      return needed ? one : optional(one);
    });
  if (first !== -1) {
    const before = known.slice(0, first).map(({ written }) => optional(sequence(written, comma)));
    return sequence(...before, known[first]!.written, ...behind(first + 1));
  }
  return either([literal(''), ...known.map(({ written }, place) => sequence(written, ...behind(place + 1)))]);
}

function array(schema: Schema, within: Within): Expression {
  const tuple = Array.isArray(schema.items) ? schema.items : ((schema.prefixItems ?? []) as readonly unknown[]);
  const rest = Array.isArray(schema.items) ? false : (schema.items ?? tuple.length === 0);
  const min = (schema.minItems ?? 0) as number;
  const max = (schema.maxItems ?? Number.POSITIVE_INFINITY) as number;
  const at = (name: string) => ({ ...within, path: `${within.path}/${name}` });
  const first = tuple.slice(0, max).map((item, place) => writtenBy(item, at(`prefixItems/${place}`)));
  const item = () => writtenBy(rest, at('items'));
  const left = [Math.max(0, min - first.length), max - first.length] as const;
  const none = rest === false || left[1] === 0;
  if (none && left[0] > 0) throw refused(within, `minItems ${min}, more than there can be`);
  if (first.length === 0) {
    return sequence(literal('['), none ? literal('') : separated(item(), comma, ...left), literal(']'));
  }
  const leading = first.flatMap((one, place) => (place === 0 ? [one] : [comma, one]));
  const following = none ? [] : [repeated(sequence(comma, item()), ...left)];
  return sequence(literal('['), ...leading, ...following, literal(']'));
}

function string({ minLength, maxLength, pattern, format }: Schema, within: Within): Expression {
  const rules = [minLength ?? maxLength, pattern, format].filter((rule) => rule !== undefined);
  if (rules.length > 1) throw refused(within, 'more than one of pattern, format and a length');
  if (pattern !== undefined) return jsonStringWith(pattern as string);
  if (format === undefined) return jsonString(minLength as number, maxLength as number);
  const known = Object.hasOwn(JSON_FORMATS, format as string) ? JSON_FORMATS[format as string] : undefined;
  if (known === undefined)
    throw refused(within, `the format '${format}'; known are ${Object.keys(JSON_FORMATS).join(', ')}`);
  return jsonStringOf(known);
}

function integerBounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): NumberBounds {
  const lower = [minimum, exclusiveMinimum === undefined ? undefined : Math.floor(exclusiveMinimum as number) + 1];
  const upper = [maximum, exclusiveMaximum === undefined ? undefined : Math.ceil(exclusiveMaximum as number) - 1];
  const given = (values: readonly unknown[]) => values.filter((value) => value !== undefined) as number[];
  return {
    min: lower.some((value) => value !== undefined) ? Math.ceil(Math.max(...given(lower))) : undefined,
    max: upper.some((value) => value !== undefined) ? Math.floor(Math.min(...given(upper))) : undefined,
  };
}

function decimalBounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, within: Within): NumberBounds {
  if (
    (minimum ?? exclusiveMinimum) !== (exclusiveMinimum ?? minimum) ||
    (maximum ?? exclusiveMaximum) !== (exclusiveMaximum ?? maximum)
  ) {
    throw refused(within, 'both a bound and an exclusive one');
  }
  const [min, max] = [
    (exclusiveMinimum ?? minimum) as number | undefined,
    (exclusiveMaximum ?? maximum) as number | undefined,
  ];
  // a bound between whole numbers is narrowed to the next one
  return {
    min: min === undefined ? undefined : Math.ceil(min),
    max: max === undefined ? undefined : Math.floor(max),
    aboveMin: exclusiveMinimum !== undefined && Number.isInteger(min),
    belowMax: exclusiveMaximum !== undefined && Number.isInteger(max),
  };
}

function listed(schema: Schema, types: readonly string[] | undefined, within: Within): Expression {
  const { enum: values = [schema.const], const: only, type: _, ...others } = schema;
  const [other] = Object.keys(others);
  if (other !== undefined) throw refused(within, `${other} beside enum or const`);
  const fits = (values as readonly unknown[]).filter(
    (value) =>
      (only === undefined || JSON.stringify(value) === JSON.stringify(only)) &&
      (types === undefined || types.some((type) => isOfType(value, type))),
  );
  return either(fits.map(jsonLiteral));
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

/** The types a schema names, or those that its keywords speak of; undefined: any. */
function typesOf(schema: Schema, within: Within): readonly string[] | undefined {
  const { type } = schema;
  if (type !== undefined) {
    const types = Array.isArray(type) ? (type as unknown[]) : [type];
    const unknown = types.find((one) => typeof one !== 'string' || !Object.hasOwn(BY_TYPE, one));
    if (unknown !== undefined) throw refused(within, `the type ${JSON.stringify(unknown)}`);
    return types as string[];
  }
  const spoken = Object.keys(BY_TYPE).filter(
    (name) => name !== 'integer' && BY_TYPE[name]!.some((keyword) => schema[keyword] !== undefined),
  );
  return spoken.length === 0 ? undefined : spoken;
}

function checkKeywords(schema: Schema, within: Within): void {
  const known = [...COMBINED, ...Object.values(BY_TYPE).flat()];
  const unknown = Object.keys(schema).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw refused(within, `the keyword '${unknown}'; known are ${[...new Set(known)].join(', ')}`);
}

function referred(reference: unknown, beside: Schema, within: Within): Expression {
  const name = String(reference);
  const depth = within.references[name] ?? 0;
  if (depth >= DEEPEST) return either([]);
  let found: unknown = within.root;
  for (const part of name
    .replace(/^#\/?/, '')
    .split('/')
    .filter((one) => one !== '')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as Schema)[key] : undefined;
  }
  if (!name.startsWith('#') || found === undefined)
    throw refused(within, `$ref '${name}', which is nowhere in the schema`);
  const inside = { ...within, path: name, references: { ...within.references, [name]: depth + 1 } };
  return writtenBy(Object.keys(beside).length === 0 ? found : merged([beside, found], within), inside);
}

/** Schemas that all hold, as one. */
function merged(all: readonly unknown[], within: Within): Schema {
  const result: Record<string, unknown> = {};
  for (const one of all) {
    if (one === true) continue;
    if (typeof one !== 'object' || one === null) throw refused(within, `${JSON.stringify(one)} beside other schemas`);
    for (const [name, value] of Object.entries(one)) {
      const before = result[name];
      if (value === undefined || NOTES.includes(name)) continue;
      if (before === undefined) result[name] = value;
      else if (name === 'properties') result[name] = mergedProperties(before as Schema, value as Schema, within);
      else if (name === 'required') result[name] = [...new Set([...(before as string[]), ...(value as string[])])];
      else if (JSON.stringify(before) !== JSON.stringify(value)) throw refused(within, `${name} said twice`);
    }
  }
  return result;
}

function mergedProperties(a: Schema, b: Schema, within: Within): Schema {
  const twice = Object.keys(b).find(
    (name) => Object.hasOwn(a, name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
  if (twice !== undefined) throw refused(within, `the property '${twice}' described twice`);
  return { ...a, ...b };
}

function schemas(list: unknown, within: Within): readonly unknown[] {
  if (Array.isArray(list) && list.length > 0) return list;
  throw refused(within, 'an empty list of schemas');
}

/** Of `oneOf` exactly one holds: no text may be of two. */
function checkDisjoint(branches: readonly Expression[], within: Within): void {
  const automata = branches.map((branch) => textNfa(branch));
  for (const [i, a] of automata.entries()) {
    const other = automata.findIndex((b, j) => j > i && !isDisjointWith(a, b));
    if (other !== -1)
      throw refused(within, `oneOf, whose schemas ${i} and ${other} hold for the same texts; write anyOf`);
  }
}

/** Any JSON value, so deep. */
function anything(depth: number): Expression {
  const scalars = ['null', 'boolean', 'number', 'string'].map((type) => ofType(type, {}, TOP));
  if (depth === 0) return either(scalars);
  const inner = anything(depth - 1);
  const list = sequence(literal('['), separated(inner, comma, 0, Number.POSITIVE_INFINITY), literal(']'));
  const pairs = separated(member(jsonString(1, 40), inner), comma, 0, Number.POSITIVE_INFINITY);
  return either([...scalars, list, sequence(literal('{'), pairs, literal('}'))]);
}

const TOP: Within = { root: true, path: '#', references: {} };

function refused({ path }: Within, what: string): SoftpromptError {
  return new SoftpromptError('DECODING_OPTION', {
    found: `The JSON schema has, at ${path}, ${what}`,
    expected: 'a schema that can be followed while the text is written',
    fix: 'Say it otherwise or leave it out, and check the answer afterwards.',
  });
}
