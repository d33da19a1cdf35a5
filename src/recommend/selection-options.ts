import { SoftpromptError } from '../errors.js';
import { count, fromZero, type Kind, shareUpToOne, text, toggle, wordOr } from '../options/kind.js';
import { declareOptions, type Given } from '../options/option.js';

/** A score added to the items that meet a condition. Scores are log-probabilities up to a constant: 0.7 doubles the odds. */
export interface Boost {
  /** As `where` of the selection. */
  readonly where: string;
  readonly add: number;
}

const isBoost = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Boost).where === 'string' &&
  Number.isFinite((value as Boost).add);

/** Each in a flag of its own: a condition, a colon and a number. */
const boosts: Kind<readonly Boost[]> = {
  sign: '<condition:score>',
  expected: 'conditions, each with a number',
  read: (texts) => texts.map(readBoost),
  holds: (value) => Array.isArray(value) && value.every(isBoost),
  json: {
    type: 'array',
    items: {
      type: 'object',
      properties: { where: { type: 'string' }, add: { type: 'number' } },
      required: ['where', 'add'],
    },
  },
  repeatable: true,
};

/** A list that programs give; a command line names a file of ids, or the ids. */
const ids: Kind<readonly string[]> = {
  sign: '<ids>',
  expected: 'ids of items',
  read: () => undefined,
  holds: (value) => Array.isArray(value) && value.every((id) => typeof id === 'string'),
  json: { type: 'array', items: { type: 'string' } },
};

/** Which items may be recommended, what is favoured, and how long a list is. */
export const SELECTION = declareOptions({
  k: { kind: count(), about: 'how many items', default: 10 },
  where: {
    kind: text('<condition>'),
    about: 'only items that meet it, in SQL, such as "genre = \'Drama\' AND year > 1990"',
  },
  allow: { kind: ids, about: 'only these items', flag: null, auto: 'all of which anything is known' },
  deny: { kind: ids, about: 'none of these items', flag: null },
  boosts: { kind: boosts, about: "added to the score, such as 'year > 1990:0.7'; repeatable", flag: 'boost' },
  diversity: { kind: shareUpToOne, about: 'from 0, the best items, to 1, the most different ones', default: 0 },
  popularityPenalty: {
    kind: wordOr('auto', fromZero()),
    about:
      'takes x · log(interactions + 1) off each score, against lists of popular items alone; auto: as much as it takes to suggest them as often as people choose them',
    default: 0,
  },
  includeSeen: { kind: toggle, about: 'items of the history too', default: false },
});

export type SelectionOptions = Given<typeof SELECTION>;

/** Who is listed for an item. */
export const AUDIENCE = declareOptions({
  k: { ...SELECTION.k, about: 'how many users' },
  includeSeen: { ...SELECTION.includeSeen, about: 'users who have interacted with it too' },
});

/** Those of a larger record of options. */
export function selectionOf({
  k,
  where,
  allow,
  deny,
  boosts,
  diversity,
  popularityPenalty,
  includeSeen,
}: SelectionOptions): SelectionOptions {
  return { k, where, allow, deny, boosts, diversity, popularityPenalty, includeSeen };
}

/** @throws RECOMMEND_FILTER */
function readBoost(given: string): Boost {
  const colon = given.lastIndexOf(':');
  const add = Number(given.slice(colon + 1));
  if (colon > 0 && given.slice(colon + 1).trim() !== '' && Number.isFinite(add)) {
    return { where: given.slice(0, colon), add };
  }
  throw new SoftpromptError('RECOMMEND_FILTER', {
    found: `The boost is ${JSON.stringify(given)}`,
    expected: 'a condition, a colon and a number',
    fix: "Write, for example, 'year > 1990:0.7'.",
  });
}
