import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { loadModel } from '../network/load-model.js';
import { learnedCount } from '../network/trainable.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { AnsweringWork } from '../queue/work.js';
import { dropouts, type LossAndGradient } from '../training/pieces.js';
import { type BuiltNetwork, buildNetwork, type DescribedNetwork, readDescribedNetwork } from './described-network.js';
import { sequencesFromBytes } from './sequence-lines.js';

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

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** What came back. */
export function readGradient(given: unknown): LossAndGradient & { readonly count: number } {
  const { loss, gradient, count } = answer.parse(given);
  return { loss, gradient: fromBase64(gradient), count };
}

interface Open extends BuiltNetwork {
  readonly key: string;
  readonly masksOf: ReturnType<typeof dropouts>;
}

/** The network of the last piece; the next one is mostly of the same training. */
let open: Promise<Open> | undefined;
/** Training sequences by their hash; those of cross-validation are several. */
const data = new Map<string, Promise<readonly PromptSequence[]>>();
const MOST_DATA = 12;

/** Loss and gradient of a piece of an update: the prompt comes with the question, model and data are kept open. */
export const gradientWork: AnsweringWork = {
  answer: async ({ plan, inputs, threads, here, content, cacheFolder }) => {
    const { rows, step, place, exampleWeight, learned: text, ...what } = asked.parse(plan);
    const learned = fromBase64(text);
    if (rows.length === 0) return { loss: 0, gradient: text, count: 0 };
    const key = JSON.stringify([inputs, what.network, what.seed, threads]);
    const opening = async (): Promise<Open> => {
      const described = readDescribedNetwork(what.network);
      const { checkpoint } = await loadModel(await here(what.model), { cacheFolder });
      if (checkpoint.hash !== inputs.model) throw otherModel(what.model);
      const built = buildNetwork(checkpoint, described, { threads });
      return { ...built, key, masksOf: dropouts(built.network.dropout ?? 0, what.seed) };
    };
    const last = await open?.catch(() => undefined);
    if (last?.key !== key) {
      open = undefined;
      await last?.network.release();
      open = opening();
    }
    const { network, trainable, masksOf } = await open!;
    if (learned.length !== learnedCount(trainable)) throw new RangeError(`a piece with ${learned.length} numbers`);
    const train = await sequencesOf(what.data, content);
    const piece = rows.map((row) => train[row]!);
    const { loss, gradient } = await network.lossAndGradient(learned, piece, exampleWeight, masksOf(step, place));
    return { loss, gradient: toBase64(gradient), count: piece.length };
  },
};

async function sequencesOf(hash: string, content: (hash: string) => Promise<Uint8Array>) {
  const known = data.get(hash);
  if (known !== undefined) return known;
  const read = content(hash).then(sequencesFromBytes);
  read.catch(() => data.delete(hash));
  if (data.size >= MOST_DATA) data.delete([...data.keys()][0]!);
  data.set(hash, read);
  return read;
}

const otherModel = (model: string): SoftpromptError =>
  new SoftpromptError('QUEUE_CONTENT_DAMAGED', {
    found: `The model ${model} has other weights on the worker's machine than where the job comes from`,
    expected: 'the same model everywhere',
    fix: "Delete it from the worker's cache, or name a folder (--model FOLDER), which travels.",
  });
