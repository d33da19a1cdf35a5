import { count, endless, fromZero, positive } from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';

/** What people and programs can say of how a reading is learned. */
export const READING = declareOptions({
  updates: { kind: count(), about: 'updates of the reading at most', flag: 'reading-updates', default: 300 },
  evaluateEvery: { kind: count(), about: 'updates between two looks at held-out items', flag: null, default: 25 },
  patience: {
    kind: endless(count()),
    about: 'looks at held-out items without improvement after which learning to read ends',
    flag: 'reading-patience',
    default: 4,
  },
  items: { kind: count(), about: 'items that are told apart in an update', flag: 'reading-items', default: 96 },
  learningRate: {
    kind: positive('<x>'),
    about: "how fast the reading is learned, as a multiple of the method's automatic rate",
    flag: 'reading-lr',
    default: 1,
  },
  weightDecay: {
    kind: fromZero(),
    about: 'pulls what is learned back to where it started',
    flag: null,
    default: 0.001,
  },
});
