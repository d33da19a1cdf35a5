import { SoftpromptError } from '../errors.js';
import { add, fill } from './build.js';
import { gradientRules } from './gradient-rules.js';
import type { OperationName } from './operation-attributes.js';
import { type Node, nodesInOrder, show, type Tensor } from './tensor.js';

/**
 * Reverse-mode differentiation: ∂loss/∂x for each x of `variables`, as tensors of x's shape.
 * Only nodes on a path from a variable to the loss get a gradient; all else stays frozen and costs nothing.
 * @param loss one number: shape []
 */
export function gradient(loss: Tensor, variables: readonly Tensor[]): Tensor[] {
  const indices = [loss, ...variables].find(({ type }) => type === 'int64');
  if (loss.shape.length > 0 || indices !== undefined) {
    throw new SoftpromptError('GRAPH_SHAPE', {
      found: `the gradient of a tensor ${show(loss)} with respect to ${variables.map(show).join(', ')}`,
      expected: 'a loss that is one float32 number, shape [], and float32 variables',
      fix: indices === undefined ? 'Sum the loss first.' : 'Indices have no gradient: leave them out.',
    });
  }
  const nodes = nodesInOrder([loss]);
  const moving = new Set<Node>(variables.map((variable) => variable.node));
  for (const node of nodes) if (node.inputs.some((x) => moving.has(x.node))) moving.add(node);

  const gradients = new Map<Tensor, Tensor>([[loss, fill([], 1)]]);
  for (const node of nodes.reverse()) {
    const g = node.outputs.map((output) => gradients.get(output));
    if (!moving.has(node) || g.every((x) => x === undefined)) continue;
    const inputGradients = differentiate(node, g);
    node.inputs.forEach((x, i) => {
      const dx = inputGradients[i];
      if (dx === undefined || !moving.has(x.node)) return;
      const before = gradients.get(x);
      gradients.set(x, before === undefined ? dx : add(before, dx));
    });
  }
  return variables.map((variable) => gradients.get(variable) ?? fill(variable.shape, 0));
}

function differentiate<K extends OperationName>(
  node: Node<K>,
  g: readonly (Tensor | undefined)[],
): readonly (Tensor | undefined)[] {
  const { inputs, outputs, attributes } = node;
  return gradientRules[node.operation]({ inputs, outputs, attributes, g });
}
