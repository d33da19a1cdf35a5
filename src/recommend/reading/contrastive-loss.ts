import * as op from '../../autodiff/build.js';
import { gradient } from '../../autodiff/gradient.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { compile, type Program, type ProgramOptions } from '../../runtime/program.js';
import type { ContrastiveBatch } from './contrastive-batch.js';
import type { Whitening } from './whitening.js';

/** What the loss learns beside the reader: its arrays, by name. */
export interface ContrastiveHead {
  /** [k, k] what is added to the identity behind the whitening. */
  readonly projection: Float32Array;
  /** [1] the log of how sharply cosines are told apart. */
  readonly sharpness: Float32Array;
}

export interface ContrastiveResult {
  readonly loss: number;
  /** [B, d] ∂loss/∂vectors */
  readonly vectors: Float32Array;
  readonly projection: Float32Array;
  readonly sharpness: Float32Array;
}

export interface ContrastiveLoss {
  /** @param vectors [B, d] as read */
  run(vectors: Float32Array, head: ContrastiveHead, batch: ContrastiveBatch): Promise<ContrastiveResult>;
  release(): Promise<void>;
}

/** Keeps an item out of its own choice. */
const NEVER = -1e9;
const SMALL = 1e-12;

/**
 * The softmax over a batch's items of cosines between whitened, projected vectors, against how often the items stand beside
 * each other: InfoNCE (van den Oord et al. 2018, equation 4) with several weighted positives, mean over the items that have one.
 */
export async function contrastiveLoss(whitening: Whitening, options: ProgramOptions): Promise<ContrastiveLoss> {
  const program = await compile(contrastiveGraph(whitening), options);
  return { run: (vectors, head, batch) => runLoss(program, vectors, head, batch), release: () => program.release() };
}

function contrastiveGraph({ mean, matrix, width: k }: Whitening): Record<string, Tensor> {
  const d = mean.length;
  const feed = op.inputsByName();
  const vectors = feed('vectors', ['B', d]);
  const projection = feed('projection', [k, k]);
  const sharpness = feed('sharpness', [1]);
  const white = op.linear(op.subtract(vectors, op.constant(mean, [d])), op.constant(matrix, [k, d]));
  const seen = op.add(white, op.linear(white, projection));
  const length = op.sqrt(op.add(op.reshape(op.reduceSum(op.multiply(seen, seen), [1]), ['B', 1]), op.scalar(SMALL)));
  const unit = op.divide(seen, length);
  const cosines = op.matmul(unit, unit, { transposeB: true });
  const logits = op.add(op.multiply(cosines, op.exp(sharpness)), feed('mask', ['B', 'B']));
  const chosen = op.multiply(op.logSoftmax(logits), feed('targets', ['B', 'B']));
  const loss = op.reshape(op.negate(op.reduceSum(chosen, [0, 1])), []);
  const [ofVectors, ofProjection, ofSharpness] = gradient(loss, [vectors, projection, sharpness]);
  return { loss, ofVectors: ofVectors!, ofProjection: ofProjection!, ofSharpness: ofSharpness! };
}

async function runLoss(
  program: Program,
  vectors: Float32Array,
  head: ContrastiveHead,
  { items, targets }: ContrastiveBatch,
): Promise<ContrastiveResult> {
  const B = items.length;
  const mask = new Float32Array(B * B);
  for (let i = 0; i < B; i++) mask[i * B + i] = NEVER;
  const asked = targets.reduce((total, target) => total + target, 0) || 1;
  const feeds = { ...head, vectors, mask, targets: targets.map((target) => target / asked) };
  const { loss, ofVectors, ofProjection, ofSharpness } = await program.run(feeds, { B });
  return { loss: loss![0]!, vectors: ofVectors!, projection: ofProjection!, sharpness: ofSharpness! };
}
