import * as op from '../autodiff/build.js';
import type { Method } from './method.js';
import { only } from './method-options.js';
import { sameMethodStart } from './same-method-start.js';

const WEIGHT = 'head.weight';
const BIAS = 'head.bias';

/**
 * A linear probe (Alain & Bengio 2017): logistic regression on the state from which the frozen model would predict the label.
 * The label words do not matter, and each text is read once: see `fitHead`.
 */
export const head: Method = {
  name: 'head',
  about: "a linear probe: logistic regression on the frozen model's states (Alain & Bengio 2017)",
  tag: 'linear-probe',
  classifiesOnly: true,
  tokens: 'none',
  starts: ['unchanged'],
  solvedAtOnce: true,
  settle: (options) => only('head', ['classes'], options),
  trainable: (_, { hiddenSize }, { classes }) => ({
    arrays: { [BIAS]: [classes!], [WEIGHT]: [classes!, hiddenSize] },
    rows: 0,
    leadingRows: 0,
    enter: (arrays) => ({ classify: (states) => op.add(op.linear(states, arrays[WEIGHT]!), arrays[BIAS]!) }),
  }),
  learningRate: () => 1e-2,
  start: (request) => sameMethodStart(request, head, () => () => 0),
};
