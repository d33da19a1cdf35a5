import { z } from 'zod';
import { learnedCount } from '../network/trainable.js';
import type { AnsweringWork } from '../queue/work.js';
import { dropouts, type LossAndGradient } from '../training/pieces.js';
import { type DescribedNetwork, readDescribedNetwork } from './described-network.js';
import { floatsOf, workerNetwork, workerSequences } from './worker-network.js';

/** Under which name workers know the question. */
export const GRADIENT = 'gradient';

/** What all pieces of a training have in common. */
export interface GradientPlan {
  /** As `lastingSource` names it. */
  readonly model: string;
  readonly network: DescribedNetwork;
  readonly seed: number;
}

const asked = z.object({
  ...{ model: z.string(), network: z.unknown(), seed: z.int() },
  /** The training sequences, as the store names them. */
  data: z.string(),
  step: z.int().nonnegative(),
  /** Of the update's pieces. */
  place: z.int().nonnegative(),
  /** Of the data; none where only the way is measured. */
  rows: z.array(z.int().nonnegative()),
  exampleWeight: z.number(),
  /** What is learned, as base64 of float32. */
  learned: z.string(),
});
const answer = z.object({ loss: z.number(), gradient: z.string(), count: z.int() });

/** A piece as it is asked for. */
export type GradientQuestion = Readonly<Omit<z.infer<typeof asked>, 'model' | 'network' | 'seed' | 'rows'>> & {
  readonly rows: readonly number[];
};

export const toBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

const fromBase64 = (text: string): Float32Array => floatsOf(Buffer.from(text, 'base64'));

/** What came back. */
export function readGradient(given: unknown): LossAndGradient & { readonly count: number } {
  const { loss, gradient, count } = answer.parse(given);
  return { loss, gradient: fromBase64(gradient), count };
}

/** What draws masks throws many coins first. */
let drawn: { readonly key: string; readonly masks: ReturnType<typeof dropouts> } | undefined;

function masksOf(rate: number, seed: number): ReturnType<typeof dropouts> {
  const key = `${rate} ${seed}`;
  if (drawn?.key !== key) drawn = { key, masks: dropouts(rate, seed) };
  return drawn.masks;
}

/** Loss and gradient of a piece of an update: the prompt comes with the question, model and data are kept open. */
export const gradientWork: AnsweringWork = {
  answer: async (question) => {
    const { rows, step, place, exampleWeight, learned: text, ...what } = asked.parse(question.plan);
    if (rows.length === 0) return { loss: 0, gradient: text, count: 0 };
    const learned = fromBase64(text);
    const { network, trainable } = await workerNetwork(question, what.model, readDescribedNetwork(what.network));
    if (learned.length !== learnedCount(trainable)) throw new RangeError(`a piece with ${learned.length} numbers`);
    const train = await workerSequences(what.data, question);
    const piece = rows.map((row) => train[row]!);
    const masks = masksOf(network.dropout ?? 0, what.seed)(step, place);
    const { loss, gradient } = await network.lossAndGradient(learned, piece, exampleWeight, masks);
    return { loss, gradient: toBase64(gradient), count: piece.length };
  },
};
