import type { ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import { familyOf, pretrainedFamily } from '../network/families/registry.js';
import { compile, type ProgramOptions } from '../runtime/program.js';
import {
  constantStart,
  type NetworkWeights,
  normalStart,
  type WeightSpecs,
  wavesStart,
} from '../training/network-weights.js';
import { type TrainerSettings, type TrainingOutcome, train } from '../training/trainer.js';
import type { TrainingState } from '../training/training-state.js';
import { type ObjectiveOptions, objectiveOf } from './objective.js';
import type { TokenStream } from './token-windows.js';
import { cutWindows, TokenWindows } from './token-windows.js';
import { gradientName } from './trainable-llama.js';

/** A text that validates: what a model says of it is reported in nats a token and nats a character. */
export interface ValidationText {
  readonly language: string;
  /** T + 1 ids each; each but the first of a window is predicted. */
  readonly windows: readonly Int32Array[];
  /** Characters (code points) that the predicted tokens stand for. */
  readonly characters: number;
}

export interface TextLoss {
  readonly language: string;
  readonly natsPerToken: number;
  readonly natsPerCharacter: number;
}

/** One line of history: all at the same update. */
export interface PretrainingLine {
  readonly step: number;
  /** Tokens learned from so far. */
  readonly tokens: number;
  /** Nats a token, mean over the updates since the line before. */
  readonly trainLoss: number;
  readonly validation: readonly TextLoss[];
}

/** Its history has a line for each validation, and no weights are its best: the last ones are the model. */
export type PretrainingState = TrainingState<never, PretrainingLine>;

export interface LanguageModelTraining extends ProgramOptions {
  readonly config: ModelConfig;
  readonly initial: NetworkWeights;
  readonly streams: readonly TokenStream[];
  readonly validation: readonly ValidationText[];
  /** T: rows of a window. */
  readonly length: number;
  /** Windows an update. */
  readonly batchSize: number;
  /** Updates. */
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly settings: Omit<TrainerSettings, 'steps' | 'evaluateEvery' | 'patience'>;
  /** `emphasis` is of the training loss; validation weighs all alike. */
  readonly objective?: ObjectiveOptions | undefined;
  readonly state?: PretrainingState | undefined;
  readonly save?: ((state: PretrainingState) => Promise<void>) | undefined;
  readonly onUpdate?: ((step: number, loss: number) => void) | undefined;
  readonly onLine?: ((line: PretrainingLine) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A masked model that reads long windows from the first stays at how frequent tokens are for thousands of updates: its attention
 * is a mean over too much to find neighbours by. In windows so short it finds them, and keeps them in longer ones.
 */
const SHORT = { length: 16, share: 0.5 };

/**
 * Weights before training: normal with deviation 0.02, those that write into the residual stream smaller by √(2·layers)
 * (Radford et al. 2019, section 2.3), norms 1, biases 0. A masked model knows a word by attention alone, so that its layers
 * are heard from the first: they have BERT's 0.02 at a width of 768, and more in narrower ones; its positions start as waves, so
 * that what short windows teach of neighbours holds in longer ones.
 */
export function languageModelWeights(config: ModelConfig): WeightSpecs {
  const { intoResidual } = pretrainedFamily(config);
  const masked = familyOf(config).sees === 'all';
  return Object.fromEntries(
    expectedWeights(config).map(({ name, shape }) => {
      if (shape.length === 1) return [name, constantStart(/bias$/.test(name) ? 0 : 1, shape)];
      if (/position_embeddings/.test(name)) return [name, wavesStart(0.02, shape)];
      if (masked && !/embeddings/.test(name))
        return [name, normalStart(0.02 * Math.sqrt(768 / config.hiddenSize), shape)];
      return [name, normalStart(0.02 / (intoResidual.test(name) ? Math.sqrt(2 * config.layers) : 1), shape)];
    }),
  );
}

/**
 * Trains all weights of a language model to predict the next token, or masked ones (cross entropy over the whole vocabulary),
 * with AdamW, weight decay on matrices alone. A resumed run continues bit for bit.
 * @throws TUNING_NOT_FINITE, GRAPH_RUN
 */
export async function trainLanguageModel(
  training: LanguageModelTraining,
): Promise<TrainingOutcome<never, PretrainingLine>> {
  const { config, streams, length, batchSize, steps, evaluateEvery, settings, validation } = training;
  const windows = new TokenWindows(streams, length, settings.seed);
  const objective = objectiveOf(config, training.objective ?? {});
  const matrices = new Set(expectedWeights(config).flatMap(({ name, shape }) => (shape.length > 1 ? [name] : [])));
  const open: { release(): Promise<void> }[] = [];
  let measured: readonly TextLoss[] = [];
  try {
    const program = await compile(objective.graph(), training);
    open.push(program);
    const measure = await openTextLoss(config, training.objective ?? {}, training);
    open.push(measure);
    return await train<never, PretrainingLine>({
      initial: () => structuredClone(training.initial),
      settings: { ...settings, steps, evaluateEvery, patience: Number.POSITIVE_INFINITY },
      clipping: 'float64',
      decays: (name) => matrices.has(name),
      lossAndGradients: async (weights, step) => {
        const drawn = windows.take(step * batchSize, batchSize);
        const short = training.objective?.shortFirst && length > SHORT.length && step < SHORT.share * steps;
        const { feeds, sizes } = objective.inputs(
          short ? cutWindows(drawn, SHORT.length) : drawn,
          drawOf(settings.seed, step),
        );
        const { loss, ...gradients } = await program.run({ ...weights, ...feeds }, sizes);
        const named = Object.keys(weights).map((name) => [name, gradients[gradientName(name)]!] as const);
        return { loss: loss![0]!, gradients: Object.fromEntries(named) };
      },
      validate: async (weights) => {
        measured = await measure.losses(weights, validation);
        return undefined;
      },
      isBetter: () => false,
      line: ({ state: { step, lossSum, lossCount } }) => ({
        ...{ step, tokens: step * batchSize * length },
        trainLoss: lossSum / lossCount,
        validation: measured,
      }),
      state: training.state,
      save: training.save,
      onUpdate: ({ state, loss }) => training.onUpdate?.(state.step, loss),
      onValidation: training.onLine,
      signal: training.signal,
    });
  } finally {
    for (const one of open) await one.release();
  }
}

/** What an update draws: the same for the same seed. */
const drawOf = (seed: number, step: number) => Math.imul(seed + 1, 0x9e3779b1) + step;

/** How well weights predict texts. */
async function openTextLoss(config: ModelConfig, { mask }: ObjectiveOptions, options: ProgramOptions) {
  const objective = objectiveOf(config, { mask }); // with BERT's share, so that all runs compare
  const program = await compile(objective.graph({ gradients: false }), options);
  const WINDOWS = 8;
  const nats = async (weights: NetworkWeights, windows: readonly Int32Array[]) => {
    let total = 0;
    for (let i = 0; i < windows.length; i += WINDOWS) {
      const piece = windows.slice(i, i + WINDOWS);
      const { feeds, sizes } = objective.inputs(piece, i);
      const { loss } = await program.run({ ...weights, ...feeds }, sizes);
      total += loss![0]! * sizes.N!; // of a masked model the mean of what is predicted stands for all
    }
    return total;
  };
  return {
    losses: async (weights: NetworkWeights, texts: readonly ValidationText[]): Promise<TextLoss[]> => {
      const losses: TextLoss[] = [];
      for (const { language, windows, characters } of texts) {
        const total = await nats(weights, windows);
        const tokens = windows.reduce((sum, window) => sum + window.length - 1, 0);
        losses.push({ language, natsPerToken: total / tokens, natsPerCharacter: total / characters });
      }
      return losses;
    },
    release: () => program.release(),
  };
}
