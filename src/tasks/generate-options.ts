import { DECODING_DEFAULTS, type DecodingOptions } from '../decoding/decoding-options.js';
import { PRECISIONS } from '../network/decoding/decoding-network.js';
import {
  choice,
  count,
  finite,
  fromZero,
  positive,
  positiveShare,
  seedNumber,
  shareUpToOne,
  text,
  texts,
  whole,
} from '../options/kind.js';
import { declareOptions } from '../options/option.js';

const d = DECODING_DEFAULTS;

/** How texts are generated; see `DecodingOptions`. */
export const DECODING = declareOptions({
  maxNewTokens: { kind: count(), about: 'longest answer in tokens', auto: 'as tuned, or 64' },
  minNewTokens: { kind: whole(0), about: 'tokens before which an answer does not end', default: d.minNewTokens },
  temperature: {
    kind: fromZero(),
    about: 'above 0: answers are drawn, the wilder the higher; 0: always the likeliest token',
    default: d.temperature,
  },
  topK: { kind: whole(0), about: 'draw among so many of the likeliest tokens; 0: among all', default: d.topK },
  topP: {
    kind: positiveShare,
    about: 'draw among the fewest tokens whose probabilities reach this sum',
    default: d.topP,
  },
  minP: {
    kind: shareUpToOne,
    about: 'draw among tokens at least this share as likely as the likeliest',
    default: d.minP,
  },
  repetitionPenalty: {
    kind: positive('<x>'),
    about: 'above 1: makes what was said less likely',
    default: d.repetitionPenalty,
  },
  noRepeatNgram: {
    kind: whole(0),
    about: 'no run of so many tokens occurs twice; 0: any may',
    flag: 'block-ngrams', // a flag that begins with `no-` would be a negation
    default: d.noRepeatNgram,
  },
  stop: { kind: texts('<text>'), about: 'text that ends the answer and is no part of it; repeatable' },
  beams: { kind: count(64), about: 'beam search over so many partial answers', default: d.beams },
  lengthPenalty: {
    kind: finite(),
    about: 'beam search compares sums of log-probabilities divided by length to this power',
    default: d.lengthPenalty,
  },
  choices: { kind: texts('<text>'), about: 'an answer that may be given; repeatable', flag: 'choice' },
  regex: { kind: text('<pattern>'), about: 'the whole answer matches this regular expression (JavaScript, flag u)' },
  lookup: {
    kind: whole(0, 64),
    about: 'tokens guessed ahead from repetitions of the text: sometimes faster, the same answer',
    default: d.lookup,
  },
  seed: { kind: seedNumber, about: 'where all random choices start', default: d.seed },
});

/** How a prompt that generates is opened. */
export const GENERATING = declareOptions({
  precision: {
    kind: choice('<name>', PRECISIONS),
    about: 'int8: matrices in 8 bits, several times as fast and a little less exact',
    default: 'float32',
  },
});

/** What those options ask for. */
export function decodingOf(options: DecodingOptions): DecodingOptions {
  return Object.fromEntries(
    [...Object.keys(DECODING), 'jsonSchema'].flatMap((name) => {
      const value = options[name as keyof DecodingOptions];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
