import { SoftpromptError } from '../errors.js';
import type { ElementType, OperationAttributes, OperationName } from './operation-attributes.js';
import { type Node, show } from './tensor.js';

/** What an input may be; all that may be either are of one type, and the result is of it too. */
type Accepted = ElementType | 'either';

/** By place where the inputs differ. */
type TypeRule<K extends OperationName> = Accepted | ((place: number, attributes: OperationAttributes[K]) => Accepted);

const indexLast = (place: number): Accepted => (place === 0 ? 'either' : 'int64');
const indexFirst = (place: number): Accepted => (place === 0 ? 'int64' : 'either');

/** Moving and adding numbers works for both types, all else for float32 alone: int64 numbers are indices. */
const typeRules: { readonly [K in OperationName]: TypeRule<K> } = {
  input: 'either',
  weight: 'float32',
  constant: 'float32',
  fill: 'float32',
  add: 'either',
  subtract: 'either',
  multiply: 'either',
  divide: 'float32',
  negate: 'either',
  exp: 'float32',
  log: 'float32',
  sqrt: 'float32',
  sigmoid: 'float32',
  tanh: 'float32',
  relu: 'float32',
  positive: 'float32',
  silu: 'float32',
  gelu: 'float32',
  geluTanh: 'float32',
  matmul: 'float32',
  transpose: 'either',
  reshape: 'either',
  concat: 'either',
  split: 'either',
  gather: indexLast,
  scatterAdd: indexFirst,
  pick: indexLast,
  place: indexFirst,
  indexAdd: (place) => (place === 1 ? 'int64' : 'either'),
  addAt: (place) => (place === 1 ? 'int64' : 'either'),
  regroup: (place, { parts }) => (place < parts ? 'either' : 'int64'),
  softmax: 'float32',
  logSoftmax: 'float32',
  logSoftmaxAt: (place) => (place === 0 ? 'float32' : 'int64'),
  crossEntropy: (place) => (place === 0 ? 'float32' : 'int64'),
  reduceSum: 'either',
  expand: 'either',
  rmsNorm: 'float32',
  standardise: 'float32',
  rotary: (place) => (place < 3 ? 'float32' : 'int64'),
};

/** The type of a node's outputs. Errors: GRAPH_SHAPE where an input is of another type than the operation takes. */
export function resultType<K extends OperationName>({ operation, inputs, attributes }: Node<K>): ElementType {
  if (operation === 'input') return (attributes as OperationAttributes['input']).type;
  const rule: TypeRule<K> = typeRules[operation];
  let common: ElementType | undefined;
  inputs.forEach((input, place) => {
    const accepted = typeof rule === 'function' ? rule(place, attributes) : rule;
    if (accepted === 'either') common ??= input.type;
    const expected = accepted === 'either' ? common! : accepted;
    if (input.type === expected) return;
    throw new SoftpromptError('GRAPH_SHAPE', {
      found: `${operation} of ${inputs.map(show).join(', ')}`,
      expected: `${expected} as input ${place}, counted from 0`,
      fix: 'Correct the network that builds this operation.',
    });
  });
  return common ?? 'float32';
}
