import { checkOptions } from '../check-options.js';
import { listOfIds } from '../data/interactions/id-kinds.js';
import { MOVED_MODEL } from '../network/loading-options.js';
import { count, list, number, shareBelowOne, text, whole } from '../options/kind.js';
import { declareOptions, type Given, optionGroup, type Plan } from '../options/option.js';
import { settle } from '../options/settle.js';
import { labelWords, PROMPT_RUN, TRAINING } from '../tasks/tune-options.js';
import { FIT, RECOMMEND_DATA } from './fit-options.js';

const { interactions, interactionTable, itemTable, minRating, kCore } = RECOMMEND_DATA;
const finite = number('<x>', 'a number');

/** The model, the folder, and how the prompt is learned. */
const TUNING = declareOptions({ ...PROMPT_RUN, ...TRAINING });

/** Everything a user can say about a profile: which attribute of which data, and how its prompt is learned. */
export const PROFILE = declareOptions({
  ...{ interactions, interactionTable, itemTable },
  items: {
    kind: text('<file>'),
    about: 'items with their texts and attributes',
    required: 'a file of items with their titles',
  },
  users: {
    kind: text('<file>'),
    about: 'users with their attributes',
    required: 'a file of users with their attributes',
  },
  userTable: FIT.userTable,
  tuning: optionGroup(
    {
      ...TUNING,
      validShare: { ...TUNING.validShare, about: 'share of the users that validates' },
    },
    { code: 'TUNING_SETTING' },
  ),
  attribute: {
    kind: text('<column>'),
    about: 'what is predicted: a column of the users',
    required: "a column of the users' file",
  },
  template: {
    kind: text('<template>'),
    about:
      "with rows made of what was chosen, such as '[soft:20][user:items] Gender:{label}', or with the titles: '[soft:20]{history|keep=end} Gender:{label}'",
    auto: 'rows made of which items were chosen',
  },
  recommender: {
    kind: text('<folder>'),
    about: 'recommender whose vectors of items [user:vector] is made of',
    auto: "the frozen model's reading of the titles",
  },
  itemFactors: { kind: count(), about: 'numbers of [user:items] that tell which items somebody chose', default: 128 },
  layers: { kind: count(), about: 'layers of the model that read the titles for [user:text]', default: 8 },
  textWidth: { kind: count(), about: 'numbers that are kept of a title', default: 64 },
  labels: { kind: labelWords, about: 'value → word in the text', auto: 'the value itself' },
  ranges: {
    kind: { ...whole(2, 1000), expected: 'a whole number above 1, at most 1000' },
    about: 'ranges that numbers such as an age are cut into',
    default: 4,
  },
  cuts: {
    kind: list('<a,b,c>', 'ascending numbers', finite, (cuts) => {
      const numbers = cuts.split(',').map((cut) => finite.read([cut]));
      return numbers.some((cut) => cut === undefined) ? undefined : (numbers as number[]);
    }),
    about: 'where the second and each later range begins, instead',
  },
  titleColumn: {
    kind: text('<name>'),
    about: 'column of the items that a history is told by',
    auto: 'their title or name',
  },
  maxItems: { kind: count(), about: 'latest items of a history that are told', default: 30 },
  minRating,
  kCore: { ...kCore, flag: null },
  testShare: { kind: shareBelowOne, about: 'share of the users that tests', default: 0.2 },
});

/** Of `softprompt recommend profile predict`. */
export const PREDICT_PROFILE = declareOptions({
  history: {
    kind: listOfIds,
    about: 'items of the user, the oldest first; a JSON list where ids hold commas',
    required: 'the ids of the items that the user chose, the oldest first',
  },
  ...MOVED_MODEL,
});

export type ProfileOptions = Given<typeof PROFILE>;
export type ProfilePlan = Plan<typeof PROFILE>;

export const PROFILE_DEFAULTS = { maxItems: PROFILE.maxItems.default, testShare: PROFILE.testShare.default } as const;

/** @throws RECOMMEND_OPTION, TUNING_SETTING */
export function profilePlan(given: ProfileOptions): ProfilePlan {
  const plan = settle(PROFILE, given, 'RECOMMEND_OPTION');
  const { cuts } = plan;
  const ascending = cuts === undefined || (cuts.length > 0 && cuts.every((cut, i) => i === 0 || cut > cuts[i - 1]!));
  checkOptions([['cuts', cuts, ascending, 'ascending numbers']], 'RECOMMEND_OPTION');
  return plan;
}
