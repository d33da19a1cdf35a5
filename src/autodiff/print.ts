import type { OperationAttributes } from './operation-attributes.js';
import { type Node, nodesInOrder, type Tensor } from './tensor.js';

/**
 * A computation as text, one line a node, for people and for golden tests:
 * `%2: float32[N, 4] = matmul(%0, %1) transposeB`. Shape and name of inputs and weights stand for their content.
 */
export function printComputation(results: Readonly<Record<string, Tensor>>): string {
  const names = new Map<Tensor, string>();
  const lines = nodesInOrder(Object.values(results)).map((node) => {
    for (const output of node.outputs) names.set(output, `%${names.size}`);
    const left = node.outputs.map((y) => `${names.get(y)}: ${y.type}[${y.shape.join(', ')}]`).join(', ');
    const inputs = node.inputs.map((x) => names.get(x)).join(', ');
    return `${left} = ${node.operation}(${inputs})${printAttributes(node)}`;
  });
  const returned = Object.entries(results).map(([name, tensor]) => `${name} = ${names.get(tensor)}`);
  return [...lines, `return ${returned.join(', ')}`].join('\n');
}

function printAttributes(node: Node): string {
  switch (node.operation) {
    case 'input':
    case 'weight':
      return ` ${(node.attributes as OperationAttributes['input' | 'weight']).name}`;
    case 'constant': {
      const { values } = node.attributes as OperationAttributes['constant'];
      return values.length <= 4 ? ` [${[...values].join(', ')}]` : ` ${values.length} numbers`;
    }
    default: {
      const shown = Object.entries(node.attributes).flatMap(([name, value]) => {
        if (value === false || (name === 'scale' && value === 1)) return [];
        return value === true ? [name] : [`${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : value}`];
      });
      return shown.length === 0 ? '' : ` ${shown.join(' ')}`;
    }
  }
}
