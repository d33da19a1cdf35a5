import { SoftpromptError } from '../errors.js';

/** How a text is gone on with. */
export interface DecodingOptions {
  /** Longest answer in tokens. Default: 64. */
  readonly maxNewTokens?: number | undefined;
  /** Tokens before which no end mark is taken. Default: 0. */
  readonly minNewTokens?: number | undefined;
  /** 0, the default: always the likeliest token; above: drawn, from probabilities of logits divided by this. */
  readonly temperature?: number | undefined;
  /** Draws among that many of the likeliest tokens (Fan et al. 2018). */
  readonly topK?: number | undefined;
  /** Draws among the fewest tokens whose probabilities reach this sum (Holtzman et al. 2020). */
  readonly topP?: number | undefined;
  /** Draws among tokens at least this share as likely as the likeliest (Nguyen et al. 2025). */
  readonly minP?: number | undefined;
  /** Above 1: logits of tokens that stand in the text or the answer are divided by it, or multiplied where negative (Keskar et al. 2019). */
  readonly repetitionPenalty?: number | undefined;
  /** No run of that many tokens occurs twice in text and answer. */
  readonly noRepeatNgram?: number | undefined;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[] | undefined;
  /** Beam search over so many partial answers; 1, the default: none. */
  readonly beams?: number | undefined;
  /** Beam search compares sums of log-probabilities divided by length to this power. Default: 1. */
  readonly lengthPenalty?: number | undefined;
  /** The answer is one of these texts. */
  readonly choices?: readonly string[] | undefined;
  /** The whole answer matches this JavaScript regular expression (flag u). */
  readonly regex?: string | undefined;
  /** The answer is JSON that this schema holds for. */
  readonly jsonSchema?: unknown;
  /** Tokens guessed ahead from repetitions of the text and checked in one run; the answer stays the same. Default: 0. */
  readonly lookup?: number | undefined;
  /** Of what is drawn. Default: 0. */
  readonly seed?: number | undefined;
}

export interface DecodingSettings {
  readonly maxNewTokens: number;
  readonly minNewTokens: number;
  readonly temperature: number;
  /** 0: no limit. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  /** 0: none. */
  readonly noRepeatNgram: number;
  readonly stop: readonly string[];
  readonly beams: number;
  readonly lengthPenalty: number;
  readonly choices: readonly string[] | undefined;
  readonly regex: string | undefined;
  readonly jsonSchema: unknown;
  readonly lookup: number;
  readonly seed: number;
}

export const DECODING_DEFAULTS: DecodingSettings = {
  maxNewTokens: 64,
  minNewTokens: 0,
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  noRepeatNgram: 0,
  stop: [],
  beams: 1,
  lengthPenalty: 1,
  choices: undefined,
  regex: undefined,
  jsonSchema: undefined,
  lookup: 0,
  seed: 0,
};

const whole = (least: number) => (value: number) => Number.isInteger(value) && value >= least;

/** What each number may be, and how that reads. */
const RULES: Readonly<Record<string, readonly [holds: (value: number) => boolean, expected: string]>> = {
  maxNewTokens: [whole(1), 'a whole number above 0'],
  minNewTokens: [whole(0), 'a whole number from 0'],
  temperature: [(value) => value >= 0 && value < Number.POSITIVE_INFINITY, '0, or a number above it'],
  topK: [whole(0), 'a whole number from 0, which is no limit'],
  topP: [(value) => value > 0 && value <= 1, 'a number above 0 and up to 1'],
  minP: [(value) => value >= 0 && value <= 1, 'a number from 0 to 1'],
  repetitionPenalty: [(value) => value > 0 && value < Number.POSITIVE_INFINITY, 'a number above 0; 1 is none'],
  noRepeatNgram: [whole(0), 'a whole number from 0, which is none'],
  beams: [whole(1), 'a whole number above 0'],
  lengthPenalty: [Number.isFinite, 'a number'],
  lookup: [whole(0), 'a whole number from 0, which is none'],
  seed: [whole(0), 'a whole number from 0'],
};

/** Options with their defaults. Errors: DECODING_OPTION. */
export function decodingSettings(options: DecodingOptions = {}): DecodingSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: DecodingSettings = { ...DECODING_DEFAULTS, ...given };
  for (const [name, [holds, expected]] of Object.entries(RULES)) {
    const value = settings[name as keyof DecodingSettings];
    if (typeof value !== 'number' || !holds(value)) throw refused(`The option ${name} is ${String(value)}`, expected);
  }
  const { temperature, topK, topP, minP, beams, choices, stop } = settings;
  if (temperature === 0 && (topK > 0 || topP < 1 || minP > 0)) {
    throw refused(
      'topK, topP or minP (--top-k, --top-p, --min-p) without a temperature',
      'a temperature above 0 (--temperature 0.7), since they say what is drawn from',
    );
  }
  if (beams > 1 && temperature > 0) throw refused(`beams is ${beams} and temperature ${temperature}`, 'one of them');
  if (choices !== undefined && choices.length === 0) throw refused('choices is empty', 'at least one answer to choose');
  const { regex, jsonSchema } = settings;
  const forms = Object.entries({ choices, regex, jsonSchema }).filter(([, form]) => form !== undefined);
  if (forms.length > 1) throw refused(`Both ${forms[0]![0]} and ${forms[1]![0]}`, 'one of them');
  if ((regex !== undefined || jsonSchema !== undefined) && stop.length > 0) {
    throw refused(`Both ${forms[0]![0]} and stop`, 'one of them: a stop text could cut the answer in the middle');
  }
  const empty = [...stop, ...(choices ?? [])].includes('');
  if (empty) throw refused('An empty text in stop or choices', 'texts of at least one character');
  return settings;
}

function refused(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('DECODING_OPTION', { found, expected, fix: 'Correct the option, or leave it out.' });
}
