import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import { Random } from '../random.js';
import { layer, layerShapes, sorted } from './encoded.js';
import type { Encoder, StartRequest } from './method.js';

/** The encoder's input, one row a learned token. */
const EMBEDDING = 'embedding.weight';
const HEAD = 'mlp_head';

interface EncoderShape {
  readonly tokens: number;
  /** d */
  readonly width: number;
  readonly hidden: number;
  readonly kind: 'mlp' | 'lstm';
  /** Layers of an LSTM. */
  readonly layers: number;
  /** Under which name the tokens are kept. */
  readonly output: string;
}

/**
 * The encoders of P-tuning as PEFT has them (Liu et al. 2021, "GPT Understands, Too", section 3.2): a perceptron of three layers, or
 * a bidirectional LSTM and a perceptron of two.
 */
export function promptEncoder(shape: EncoderShape, wordsOf: (request: StartRequest) => Promise<Float32Array>): Encoder {
  const { tokens, width, hidden, kind, layers, output } = shape;
  const head = layerShapes(
    HEAD,
    kind === 'mlp'
      ? [
          [0, hidden, width],
          [2, hidden, hidden],
          [4, width, hidden],
        ]
      : [
          [0, 2 * hidden, 2 * hidden],
          [2, width, 2 * hidden],
        ],
  );
  const lstm = kind === 'lstm' ? lstmShapes(width, hidden, layers) : [];
  const last = `${HEAD}.${kind === 'mlp' ? 4 : 2}`;
  const arrays = sorted([[EMBEDDING, [tokens, width]], ...head, ...lstm]);
  return {
    arrays,
    make: (named) => {
      const rows = named[EMBEDDING]!;
      const read = kind === 'mlp' ? op.relu(layer(rows, `${HEAD}.0`, named)) : readByLstm(rows, shape, named);
      const inner = op.relu(layer(read, kind === 'mlp' ? `${HEAD}.2` : `${HEAD}.0`, named));
      return { [output]: layer(inner, last, named) };
    },
    // the encoder's output begins near the words' mean and as large as words are; its input are the words
    start: async (request) => {
      const words = await wordsOf(request);
      const random = new Random(request.seed);
      const mean = new Float32Array(width);
      words.forEach((value, i) => {
        mean[i % width]! += value / tokens;
      });
      const numbers = Object.entries(arrays).flatMap(([name, [rows, columns]]) => {
        if (name === EMBEDDING) return [...words].map((value) => value / request.scale);
        if (name === `${last}.bias`) return [...mean];
        const bound = 1 / Math.sqrt(columns ?? hidden);
        const size = name === `${last}.weight` ? 2 * request.scale : 1;
        return Array.from({ length: rows! * (columns ?? 1) }, () => size * bound * (2 * random.uniform() - 1));
      });
      return Float32Array.from(numbers);
    },
  };
}

/** torch.nn.LSTM's names: gates input, forget, cell, output one below the other. */
function lstmShapes(width: number, hidden: number, layers: number) {
  return Array.from({ length: layers }, (_, level) =>
    ['', '_reverse'].flatMap((direction) => {
      const end = `_l${level}${direction}`;
      return [
        [`lstm_head.weight_ih${end}`, [4 * hidden, level === 0 ? width : 2 * hidden]] as const,
        [`lstm_head.weight_hh${end}`, [4 * hidden, hidden]] as const,
        [`lstm_head.bias_ih${end}`, [4 * hidden]] as const,
        [`lstm_head.bias_hh${end}`, [4 * hidden]] as const,
      ];
    }),
  ).flat();
}

/** [P, d] → [P, 2·hidden]: in both directions, layer by layer. */
function readByLstm(
  rows: Tensor,
  { tokens, hidden, layers }: EncoderShape,
  named: Readonly<Record<string, Tensor>>,
): Tensor {
  let x = rows;
  for (let level = 0; level < layers; level++) {
    const both = ['', '_reverse'].map((direction) => {
      const of = (part: string) => named[`lstm_head.${part}_l${level}${direction}`]!;
      const entering = op.add(op.add(op.linear(x, of('weight_ih')), of('bias_ih')), of('bias_hh'));
      const each =
        tokens === 1
          ? [entering]
          : op.split(
              entering,
              0,
              Array.from({ length: tokens }, () => 1),
            );
      const order = direction === '' ? each.map((_, t) => t) : each.map((_, t) => tokens - 1 - t);
      const states: Tensor[] = [];
      let [h, c]: [Tensor | undefined, Tensor | undefined] = [undefined, undefined];
      for (const t of order) {
        const gates: Tensor = h === undefined ? each[t]! : op.add(each[t]!, op.linear(h, of('weight_hh')));
        const [input, forget, cell, out] = op.split(gates, 1, [hidden, hidden, hidden, hidden]);
        const fresh: Tensor = op.multiply(op.sigmoid(input!), op.tanh(cell!));
        c = c === undefined ? fresh : op.add(op.multiply(op.sigmoid(forget!), c), fresh);
        h = op.multiply(op.sigmoid(out!), op.tanh(c));
        states[t] = h;
      }
      return op.concat(states, 0);
    });
    x = op.concat(both, 1);
  }
  return x;
}
