/** What a JSON schema says of a value (draft 2020-12), as far as options need it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What values an option takes: how a flag's text becomes one, and which ones a program may give. */
export interface Kind<T = unknown> {
  /** What stands behind the flag in help, such as `<n>`; empty for a switch, in brackets where it may be left out. */
  readonly sign: string;
  /** In words that follow 'Expected'. */
  readonly expected: string;
  /** A flag's text as a value, those of a repeatable flag in their order; undefined where it is none. */
  readonly read: (texts: readonly string[]) => T | undefined;
  readonly holds: (value: unknown) => boolean;
  readonly json: JsonSchema;
  readonly choices?: readonly string[];
  /** Whether the flag may stand several times. */
  readonly repeatable?: boolean;
  /** Whether a program may give Infinity, for which JSON has no sign. */
  readonly endless?: boolean;
}

/** The value of a Kind. */
export type ValueOf<K> = K extends Kind<infer T> ? T : never;

/** Beyond this a count is a slip: no data that fit a machine have so many of anything. */
const MOST = 2 ** 31 - 1;
const last = (texts: readonly string[]): string => texts.at(-1) ?? '';

export function whole(least: number, most = MOST): Kind<number> {
  const holds = (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return {
    sign: '<n>',
    expected: `a whole number from ${least} to ${most}`,
    read: (texts) => (/^\d+$/.test(last(texts)) && holds(Number(last(texts))) ? Number(last(texts)) : undefined),
    holds,
    json: { type: 'integer', minimum: least, maximum: most },
  };
}

export const count = (most = MOST): Kind<number> => whole(1, most);
/** Random numbers start from 32 bits: a longer seed would be the same as a shorter one. */
export const seedNumber = whole(0, 2 ** 32 - 1);

interface Bounds {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

/** A finite number within bounds. */
export function number(sign: string, expected: string, { from, above, to, below }: Bounds = {}): Kind<number> {
  const holds = (value: unknown) =>
    typeof value === 'number' &&
    Number.isFinite(value) &&
    !(from !== undefined && value < from) &&
    !(above !== undefined && value <= above) &&
    !(to !== undefined && value > to) &&
    !(below !== undefined && value >= below);
  return {
    sign,
    expected,
    read: (texts) => (last(texts).trim() !== '' && holds(Number(last(texts))) ? Number(last(texts)) : undefined),
    holds,
    json: {
      type: 'number',
      ...(from !== undefined && { minimum: from }),
      ...(above !== undefined && { exclusiveMinimum: above }),
      ...(to !== undefined && { maximum: to }),
      ...(below !== undefined && { exclusiveMaximum: below }),
    },
  };
}

export const finite = (sign = '<x>') => number(sign, 'a number');
export const fromZero = (sign = '<x>') => number(sign, 'a number from 0', { from: 0 });
export const positive = (sign = '<n>') => number(sign, 'a number above 0', { above: 0 });
export const shareBelowOne = number('<share>', 'a share from 0 to below 1', { from: 0, below: 1 });
export const positiveShareBelowOne = number('<share>', 'a share above 0 and below 1', { above: 0, below: 1 });
export const shareUpToOne = number('<share>', 'a share from 0 to 1', { from: 0, to: 1 });
export const positiveShare = number('<share>', 'a share above 0, at most 1', { above: 0, to: 1 });

/** A program may say that there is no end; a flag is left out for that. */
export function endless(kind: Kind<number>): Kind<number> {
  return { ...kind, holds: (value) => value === Number.POSITIVE_INFINITY || kind.holds(value), endless: true };
}

export function choice<const Names extends readonly string[]>(sign: string, names: Names): Kind<Names[number]> {
  const holds = (value: unknown) => typeof value === 'string' && names.includes(value);
  return {
    sign,
    expected: `one of ${names.join(', ')}`,
    read: (texts) => (holds(last(texts)) ? last(texts) : undefined),
    holds,
    json: { enum: names },
    choices: names,
  };
}

/** A word that stands for something, such as `auto`, or else a value of another kind. */
export function wordOr<const Word extends string, T>(word: Word, kind: Kind<T>): Kind<Word | T> {
  return {
    ...kind,
    expected: `${kind.expected}, or ${word}`,
    read: (texts) => (last(texts) === word ? word : kind.read(texts)),
    holds: (value) => value === word || kind.holds(value),
    json: { anyOf: [{ const: word }, kind.json] },
  };
}

/** Text that a program may narrow to a pattern, such as `words:${string}`. */
export function text<T extends string = string>(sign: string, expected = 'a text'): Kind<T> {
  return {
    sign,
    expected,
    read: (texts) => last(texts) as T,
    holds: (value) => typeof value === 'string',
    json: { type: 'string' },
  };
}

/** Yes where the flag stands there, no where its `--no-` does. */
export const toggle: Kind<boolean> = {
  sign: '',
  expected: 'true or false',
  read: (texts) => (last(texts) === 'true' ? true : last(texts) === 'false' ? false : undefined),
  holds: (value) => typeof value === 'boolean',
  json: { type: 'boolean' },
};

/** Several texts, a flag each. */
export function texts(sign: string): Kind<readonly string[]> {
  return {
    sign,
    expected: 'texts',
    read: (all) => all,
    holds: isListOf((value) => typeof value === 'string'),
    json: { type: 'array', items: { type: 'string' } },
    repeatable: true,
  };
}

/** A list in one flag. @param read undefined where the text is no list of such values */
export function list<T>(
  sign: string,
  expected: string,
  item: Pick<Kind<T>, 'holds' | 'json'>,
  read: (text: string) => readonly T[] | undefined,
): Kind<readonly T[]> {
  return {
    sign,
    expected,
    read: (all) => read(last(all)),
    holds: isListOf(item.holds),
    json: { type: 'array', items: item.json },
  };
}

/** Several of some names, in one flag: `soft,lora`. @param expected says the names */
export function choices<Name extends string>(expected: string, names: readonly Name[]): Kind<readonly Name[]> {
  const holds = (name: unknown): name is Name => names.includes(name as Name);
  return list<Name>('<names>', expected, { holds, json: { enum: names } }, (given) => {
    const said = given.split(',').map((name) => name.trim());
    return said.every(holds) ? said : undefined;
  });
}

/** Texts by name. @param repeatable whether each stands in a flag of its own */
export function textByName(
  sign: string,
  expected: string,
  read: (texts: readonly string[]) => Readonly<Record<string, string>>,
  repeatable = false,
): Kind<Readonly<Record<string, string>>> {
  return {
    sign,
    expected,
    read,
    holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    json: { type: 'object', additionalProperties: { type: 'string' } },
    repeatable,
  };
}

function isListOf(holds: (value: unknown) => boolean) {
  return (value: unknown): boolean => Array.isArray(value) && value.every(holds);
}
