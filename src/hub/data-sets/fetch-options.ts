import { text, toggle } from '../../options/kind.js';
import { declareOptions, type Given } from '../../options/option.js';

/** Of `softprompt data fetch`. */
export const FETCH = declareOptions({
  out: { kind: text('<folder>'), about: 'where it goes', auto: "the set's name" },
  endpoint: {
    kind: text('<url>'),
    about: "a mirror of the publisher: scheme, host and what stands before the publisher's path",
  },
  overwrite: { kind: toggle, about: 'write it anew where it is already there' },
});

export type FetchOptions = Given<typeof FETCH>;
