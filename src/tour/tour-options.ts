import { count, seedNumber, text, toggle } from '../options/kind.js';
import { declareOptions } from '../options/option.js';

/** What the tour can be told. */
export const TOUR = declareOptions({
  out: { kind: text('<folder>'), about: 'where the three folders go', default: 'softprompt-start' },
  seed: { kind: seedNumber, about: 'where all random choices start', default: 0 },
  maxSteps: { kind: count(), about: "the prompts' updates, for a quicker tour" },
  epochs: { kind: count(), about: "the recommender's epochs, for a quicker tour" },
  overwrite: { kind: toggle, about: 'begin anew where an earlier tour has left something' },
});
