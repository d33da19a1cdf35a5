import * as op from '../../autodiff/build.js';
import { gradient } from '../../autodiff/gradient.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Random } from '../../random.js';
import { compile } from '../../runtime/program.js';
import { adamWInPlace } from '../../training/adamw.js';

export interface PolicyShape {
  /** d, numbers of a state. */
  readonly states: number;
  /** e, numbers of a word's embedding. */
  readonly width: number;
  /** V, words to choose from. */
  readonly vocabulary: number;
  /** T, places of a prompt. */
  readonly places: number;
}

/** A small network that says which word comes next; the model whose states it reads stays frozen. */
export interface WordPolicy {
  /** Logits [N, V]. @param states [N, d] @param place of the next word, from 0 */
  logits(states: Float32Array, place: number): Promise<Float32Array>;
  /**
   * One update by REINFORCE (Williams 1992): words of an advantage above 0 become likelier.
   * @param states [N, d] @param places [N] @param words [N] that were chosen @param advantages [N]
   */
  learn(
    states: Float32Array,
    places: readonly number[],
    words: readonly number[],
    advantages: readonly number[],
  ): Promise<void>;
  release(): Promise<void>;
}

const HIDDEN = 64;
/** Weight of the entropy, so that it does not settle before it has looked around. */
const ENTROPY = 0.01;
/** A large ε: words that no prompt of a round has get next to no gradient, which must not become a whole step. */
const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0 };

/** The sum of all numbers, shape []. */
const total = (x: Tensor, axes: readonly number[]) => op.reshape(op.reduceSum(x, axes), []);

/**
 * Logits of words V: E·W₂·tanh(W₁·state + place) + bias of the place, as the adapter of RLPrompt (Deng et al. 2022, section 3.1)
 * in front of a frozen output layer E [V, e].
 */
export async function wordPolicy(
  { states: d, width, vocabulary, places }: PolicyShape,
  embeddings: Float32Array,
  learningRate: number,
  random: Random,
): Promise<WordPolicy> {
  const shapes: Record<string, readonly [number, number]> = {
    inner: [HIDDEN, d],
    place: [places, HIDDEN],
    outer: [width, HIDDEN],
    bias: [places, vocabulary],
  };
  const learned = Object.fromEntries(
    Object.entries(shapes).map(([name, [rows, columns]]) => {
      const size = name === 'inner' || name === 'place' ? 1 / Math.sqrt(columns) : 0;
      return [name, Float32Array.from({ length: rows * columns }, () => size * random.normal())] as const;
    }),
  );
  const arrays = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, op.input(name, shape)]));
  const state = op.input('states', ['N', d]);
  const at = op.input('places', ['N'], 'int64');
  const table = op.input('embeddings', [vocabulary, width]);
  const hidden = op.tanh(op.add(op.linear(state, arrays.inner!), op.gather(arrays.place!, at)));
  const logits = op.add(op.linear(op.linear(hidden, arrays.outer!), table), op.gather(arrays.bias!, at));
  const logs = op.logSoftmax(logits);
  const chosen = op.pick(logs, op.input('words', ['N'], 'int64'));
  const gain = total(op.multiply(chosen, op.input('advantages', ['N'])), [0]);
  const entropy = op.negate(total(op.multiply(op.exp(logs), logs), [0, 1]));
  const loss = op.negate(op.add(gain, op.multiply(entropy, op.input('entropyWeight', []))));
  const names = Object.keys(shapes);
  const gradients = gradient(
    loss,
    names.map((name) => arrays[name]!),
  );
  const answering = await compile({ logits });
  const learning = await compile(Object.fromEntries(names.map((name, i) => [`change.${name}`, gradients[i]!])));
  // so that an update moves each logit by about the learning rate, through whichever array
  const rates: Readonly<Record<string, number>> = {
    ...{ inner: learningRate / d, place: learningRate },
    ...{ outer: learningRate / HIDDEN / Math.sqrt(width), bias: learningRate },
  };
  const moments = names.map((name) => ({
    first: new Float32Array(learned[name]!.length),
    second: new Float32Array(learned[name]!.length),
  }));
  let step = 0;
  const indices = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
  return {
    logits: async (states, place) => {
      const N = states.length / d;
      const places = indices(Array.from({ length: N }, () => place));
      return (await answering.run({ ...learned, states, places, embeddings }, { N })).logits!;
    },
    learn: async (states, places, words, advantages) => {
      const N = words.length;
      const feeds = {
        ...{ ...learned, states, embeddings, places: indices(places), words: indices(words) },
        advantages: Float32Array.from(advantages, (advantage) => advantage / N),
        entropyWeight: Float32Array.of(ENTROPY / N),
      };
      const found = await learning.run(feeds, { N });
      step += 1;
      for (const [i, name] of names.entries()) {
        adamWInPlace(learned[name]!, found[`change.${name}`]!, moments[i]!, 1, step, rates[name]!, ADAM);
      }
    },
    release: async () => {
      await answering.release();
      await learning.release();
    },
  };
}
