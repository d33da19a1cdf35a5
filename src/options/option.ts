import type { ErrorCode } from '../errors.js';
import type { Kind, ValueOf } from './kind.js';

/**
 * One option, declared once, in the capability that it serves. Flags, `--config`, help, the library's types, the record in
 * a run's folder, the JSON schema and docs/options.md all come from it.
 */
export interface Option<T = unknown> {
  readonly kind: Kind<T>;
  /** A line for people, without the default. Empty where the name says it. Translations go by this text. */
  readonly about: string;
  /** Without dashes, `batch-size`; the key of `--config` too. Default: the name; null where only programs can say it. */
  readonly flag?: string | null;
  /** What is taken where nobody says anything. */
  readonly default?: T;
  /** In words, where it depends on something: 'a tenth of the training file'. */
  readonly auto?: string;
  /** What must be given, in words that follow 'Expected'; no run is without. */
  readonly required?: string;
  /** Names of options beside it, of which the same command line may hold only one. */
  readonly excludes?: readonly string[];
  /** Of errors about it; default: that of the others. */
  readonly code?: ErrorCode;
  /** For a switch that nobody has set: what its `--no-` flag means. */
  readonly negated?: string;
}

/** Options that stand under one name in the library, and beside the others on the command line. */
export interface OptionGroup<S extends Options = Options> {
  readonly options: S;
  /** Of errors about its options; default: that of the others. */
  readonly code?: ErrorCode;
  /** What no option shows alone. @throws a coded error that names flags */
  check?(given: Given<S>): void;
}

export type Options = { readonly [name: string]: Option | OptionGroup };

type Value<O> = O extends OptionGroup<infer S> ? Given<S> : O extends Option ? ValueOf<O['kind']> : never;
type PlanValue<O> = O extends OptionGroup<infer S> ? Plan<S> : O extends Option ? ValueOf<O['kind']> : never;
type Required<S> = { [N in keyof S]: S[N] extends { readonly required: string } ? N : never }[keyof S];
type Certain<S> = {
  [N in keyof S]: S[N] extends { readonly required: string } | { readonly default: unknown } | OptionGroup ? N : never;
}[keyof S];

/** What people and programs may give: the options of the library. */
export type Given<S extends Options> = { readonly [N in Required<S>]: Value<S[N]> } & {
  readonly [N in Exclude<keyof S, Required<S>>]?: Value<S[N]> | undefined;
};

/** What `settle` made of it: every default is there; undefined is what depends on data or stays out. */
export type Plan<S extends Options> = { readonly [N in Certain<S>]: PlanValue<S[N]> } & {
  readonly [N in Exclude<keyof S, Certain<S>>]?: PlanValue<S[N]> | undefined;
};

type Defaults<S extends Options> = {
  readonly [N in keyof S as S[N] extends { readonly default: unknown } | OptionGroup ? N : never]: PlanValue<S[N]>;
};

/** What stands where nobody says anything, of the options that have that. */
export function defaultsOf<S extends Options>(options: S): Defaults<S> {
  const entries = Object.entries(options).flatMap(([name, option]): [string, unknown][] => {
    if (isGroup(option)) return [[name, defaultsOf(option.options)]];
    return option.default === undefined ? [] : [[name, option.default]];
  });
  return Object.fromEntries(entries) as Defaults<S>;
}

/** Declares options, so that their names, values and defaults are types. */
export function declareOptions<const S extends Options>(options: S): S {
  return options;
}

export function optionGroup<const S extends Options>(
  options: S,
  { code, check }: { readonly code?: ErrorCode; readonly check?: (given: Given<S>) => void } = {},
): OptionGroup<S> {
  return { options, ...(code && { code }), ...(check && { check }) };
}

export function isGroup(option: Option | OptionGroup): option is OptionGroup {
  return 'options' in option;
}

/** `batchSize` → `batch-size` */
export const flagOf = (name: string, { flag }: Pick<Option, 'flag'>): string | null =>
  flag === undefined ? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : flag;

/** The options, those of groups too, with their names. */
export function* eachOption(options: Options, within = ''): Generator<readonly [name: string, option: Option]> {
  for (const [name, option] of Object.entries(options)) {
    if (isGroup(option)) yield* eachOption(option.options, `${within}${name}.`);
    else yield [within + name, option];
  }
}

/** Whether the flag that people see is the one that says no. */
export const saysNo = ({ kind, default: usual }: Option): boolean => kind.sign === '' && usual === true;

/** What happens where nobody says anything, in words; undefined where nothing does. */
export function defaultInWords({ kind, auto, default: usual }: Option): string | undefined {
  if (auto !== undefined) return auto;
  if (usual === undefined || kind.sign === '') return undefined;
  if (usual === Number.POSITIVE_INFINITY) return 'none';
  if (Array.isArray(usual)) return usual.join(',');
  if (typeof usual !== 'object') return String(usual);
  return Object.keys(usual as object).length === 0 ? undefined : JSON.stringify(usual);
}

/**
 * The line of help, and of the docs.
 * @param say translates what was written in English
 */
export function describeOption(option: Option, say: (english: string) => string = (english) => english): string {
  const usual = defaultInWords(option);
  if (usual === undefined) return say(option.about);
  return option.about === ''
    ? `${say('default')}: ${say(usual)}`
    : `${say(option.about)} (${say('default')}: ${say(usual)})`;
}
