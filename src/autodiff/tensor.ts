import type { ElementType, OperationAttributes, OperationName } from './operation-attributes.js';
import type { Shape } from './size.js';

/**
 * One value of a computation that has not run yet. A tensor knows the node that makes it, a node knows its inputs: a
 * computation is whatever hangs together, there is no graph object.
 */
export interface Tensor {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly output: number;
  readonly shape: Shape;
  readonly type: ElementType;
}

/** One operation applied to tensors. */
export interface Node<K extends OperationName = OperationName> {
  readonly operation: K;
  readonly inputs: readonly Tensor[];
  readonly attributes: OperationAttributes[K];
  readonly outputs: readonly Tensor[];
}

/** Type and shape, as errors name a tensor: `float32[B, 3]`. */
export function show(tensor: Tensor): string {
  return `${tensor.type}[${tensor.shape.join(', ')}]`;
}

/** All nodes that the given tensors need, each after its inputs; the same order for the same computation. */
export function nodesInOrder(results: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const result of results) {
    if (!done.has(result.node)) stack.push({ node: result.node, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input !== undefined) {
        if (!done.has(input.node)) stack.push({ node: input.node, next: 0 });
        continue;
      }
      stack.pop();
      if (done.has(top.node)) continue;
      done.add(top.node);
      order.push(top.node);
    }
  }
  return order;
}
