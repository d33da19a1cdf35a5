import type { PackedMatrices } from '../../autodiff/emit-onnx.js';
import type { Tensor } from '../../autodiff/tensor.js';
import { concatenate } from '../../concatenate.js';
import { compile, type Feed, type Program, type ProgramOptions } from '../../runtime/program.js';
import { programCache } from '../../runtime/program-cache.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { familyOf } from '../families/registry.js';
import { encoderFeeds } from '../source.js';
import { arraysOf, NOTHING, type Trainable } from '../trainable.js';
import {
  changesLayers,
  type DecodingPurpose,
  decodingComputation,
  leadingComputation,
  pastName,
} from './decoding-computation.js';
import { decodingFeeds } from './decoding-feeds.js';
import { type Front, FrontCache, frontKey } from './front-cache.js';
import { KeyValueSlots, keyValueWidth } from './key-value-slots.js';
import { packedWeights } from './packed-weights.js';
import { sourceSlotFeeds } from './source-attention.js';

/** What was learned, as decoding needs it. */
export interface LearnedPrompt {
  readonly trainable: Trainable;
  /** The numbers of `trainable`, flat. */
  readonly learned: Float32Array;
}

/** Nothing learned: the frozen model alone. */
export const PLAIN: LearnedPrompt = { trainable: NOTHING, learned: new Float32Array(0) };

/**
 * A frozen model that goes on with texts, or answers them (encoder-decoders), several at a time. Its programs serve all prompts; a prompt's own front is
 * computed once. Errors of its methods: GRAPH_RUN, MODEL_UNSUPPORTED.
 */
export interface DecodingNetwork {
  readonly checkpoint: Checkpoint;
  /** Positions that a text and its answer may have together. */
  readonly maxPositions: number;
  /** Slots for streams of this model. */
  slots(): KeyValueSlots;
  /**
   * Fills an empty slot with what all contexts of a prompt begin with: what it puts before all rows, and the ids `front`.
   * Computed once for the same numbers and ids, whatever they are called.
   */
  begin(slots: KeyValueSlots, slot: number, prompt: LearnedPrompt, front: Int32Array): Promise<void>;
  /** Of an encoder-decoder: reads a text for an empty slot, which what is added then looks into. */
  read(slots: KeyValueSlots, slot: number, prompt: LearnedPrompt, text: Int32Array): Promise<void>;
  /** Adds rows to a slot: logits [1, V] after the last of them, or [ids, V] after each. */
  extend(
    slots: KeyValueSlots,
    slot: number,
    prompt: LearnedPrompt,
    ids: Int32Array,
    wanted?: 'last' | 'all',
  ): Promise<Float32Array>;
  /** Adds a token to each of the first slots: logits [ids, V]. All must be of one `batchKey`. */
  step(slots: KeyValueSlots, prompt: LearnedPrompt, ids: readonly number[]): Promise<Float32Array>;
  /** Streams whose prompts have the same key can be in one step: all that change no layer of the model. */
  batchKey(prompt: LearnedPrompt): string;
  release(): Promise<void>;
}

export interface DecodingNetworkOptions extends ProgramOptions {
  /** The longest text with its answer, in positions. Default: what the model has, at most 4,096. */
  readonly maxPositions?: number | undefined;
  /** `int8`: matrices and what they are multiplied with in 8 bits, several times as fast and a little less exact. Default: float32. */
  readonly precision?: Precision | undefined;
  /** Where matrices in 8 bits are kept; default: softprompt's cache folder. */
  readonly cacheFolder?: string | undefined;
}

export const PRECISIONS = ['float32', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Weights of up to so many bytes are kept a second time in the kernels' own order, which makes steps of many streams faster. */
const MOST_PACKED = 2 ** 30;

/** Tables of positions take memory. */
export const MOST_POSITIONS = 4096;

export function decodingNetwork(
  checkpoint: Checkpoint,
  { maxPositions: longest, precision = 'float32', cacheFolder, ...options }: DecodingNetworkOptions = {},
): DecodingNetwork {
  const { config } = checkpoint;
  const maxPositions = Math.min(config.maxPositions, longest ?? MOST_POSITIONS);
  let packed: Promise<PackedMatrices> | undefined;
  const compiled = async (results: Record<string, Tensor>, repeated: boolean): Promise<Program> => {
    if (precision === 'float32') {
      const bytes = [...checkpoint.weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
      return compile(results, { packWeights: repeated && bytes <= MOST_PACKED, ...options });
    }
    packed ??= packedWeights(checkpoint, cacheFolder);
    return compile(results, { packWeights: true, packed: await packed, ...options });
  };
  const programs = programCache();
  const fronts = new FrontCache();
  const identities = identityNumbers();
  const width = keyValueWidth(config);
  const changing = new WeakMap<Trainable, boolean>();
  const changes = (trainable: Trainable): boolean => {
    const known = changing.get(trainable) ?? changesLayers(trainable, checkpoint);
    changing.set(trainable, known);
    return known;
  };
  const program = (purpose: Exclude<DecodingPurpose, 'front'>, { trainable }: LearnedPrompt) => {
    const key = `${purpose} ${trainable === NOTHING ? 0 : identities.of(trainable)}`;
    return programs.get(key, () =>
      compiled(decodingComputation(checkpoint, trainable, purpose, maxPositions), purpose === 'step'),
    );
  };
  const run = async (
    chosen: Program,
    { trainable, learned }: LearnedPrompt,
    slots: KeyValueSlots,
    first: number,
    streams: number,
    ids: readonly number[] | Int32Array,
    more: { readonly feeds?: Record<string, Feed>; readonly sizes?: Record<string, number> } = {},
  ) => {
    const lengths = Array.from({ length: streams }, (_, i) => slots.length(first + i));
    const { feeds, sizes } = decodingFeeds(
      { ids, lengths, past: slots.capacity, learnedTokens: trainable.rows },
      config,
    );
    for (const [part, view] of slots.views(first, streams).entries()) feeds[pastName(part)] = view;
    const source = slots.source && sourceSlotFeeds(slots.source, first, streams);
    return chosen.run(
      { ...feeds, ...source?.feeds, ...more.feeds, ...arraysOf(trainable, learned) },
      { ...sizes, ...source?.sizes, ...more.sizes },
    );
  };
  /** Only what a run needs of a prompt: rows without learned tokens and without changed layers need nothing of it. */
  const needed = (prompt: LearnedPrompt, ids: ArrayLike<number>) =>
    changes(prompt.trainable) || Array.prototype.some.call(ids, (id: number) => id < 0) ? prompt : PLAIN;

  /** A program for one run. */
  const once = async (results: Record<string, Tensor>, feeds: Record<string, Feed>, sizes: Record<string, number>) => {
    const program = await compiled(results, false);
    try {
      return await program.run(feeds, sizes);
    } finally {
      await program.release();
    }
  };
  const computeFront = async ({ trainable, learned }: LearnedPrompt, ids: Int32Array): Promise<Front> => {
    const arrays = arraysOf(trainable, learned);
    const parts: Float32Array[] = [];
    if (trainable.leadingRows > 0) {
      const { leading } = await once(leadingComputation(checkpoint, trainable), arrays, {});
      parts.push(leading!);
    }
    if (ids.length > 0) {
      const rows = { ids, lengths: [trainable.leadingRows], past: trainable.leadingRows };
      const { feeds, sizes } = decodingFeeds({ ...rows, learnedTokens: trainable.rows }, config);
      const computation = decodingComputation(checkpoint, trainable, 'front', maxPositions);
      const { keyValues } = await once(computation, { ...feeds, ...arrays }, sizes);
      parts.push(keyValues!);
    }
    const keyValues = concatenate(parts, Float32Array);
    return { rows: keyValues.length / width, keyValues };
  };

  return {
    checkpoint,
    maxPositions,
    slots: () => new KeyValueSlots(config, familyOf(config).encoder && new KeyValueSlots(config)),
    begin: async (slots, slot, prompt, front) => {
      slots.clear(slot);
      if (prompt.trainable.leadingRows + front.length === 0) return;
      const key = frontKey(checkpoint, prompt, front, changes(prompt.trainable) ? identities.of(prompt.trainable) : 0);
      const { rows, keyValues } = await fronts.get(key, () => computeFront(prompt, front));
      slots.append(slot, keyValues, rows);
    },
    read: async (slots, slot, prompt, text) => {
      const { trainable, learned } = needed(prompt, text);
      const chosen = await program('source', { trainable, learned });
      const { feeds, sizes } = encoderFeeds([text], config, trainable.rows);
      const { keyValues } = await chosen.run({ ...feeds, ...arraysOf(trainable, learned) }, { ...sizes, B: 1 });
      slots.source!.append(slot, keyValues!, text.length);
    },
    extend: async (slots, slot, prompt, ids, wanted = 'last') => {
      const used = needed(prompt, ids);
      const chosen = await program('rows', used);
      const places = wanted === 'all' ? Array.from(ids, (_, i) => BigInt(i)) : [BigInt(ids.length - 1)];
      const { keyValues, logits } = await run(chosen, used, slots, slot, 1, ids, {
        feeds: { wanted: BigInt64Array.from(places) },
        sizes: { E: places.length },
      });
      slots.append(slot, keyValues!, ids.length);
      return logits!;
    },
    step: async (slots, prompt, ids) => {
      const used = needed(prompt, []);
      const chosen = await program('step', used);
      const { keyValues, logits } = await run(chosen, used, slots, 0, ids.length, ids);
      for (const slot of ids.keys()) slots.append(slot, keyValues!, 1, slot);
      return logits!;
    },
    batchKey: (prompt) =>
      changes(prompt.trainable)
        ? `${identities.of(prompt.trainable)} ${identities.of(prompt.learned)}`
        : 'the frozen model',
    release: programs.release,
  };
}

/** A number for each object, the same whenever it is asked for. */
function identityNumbers() {
  const known = new WeakMap<object, number>();
  let last = 0;
  return {
    of: (thing: object): number => {
      const number = known.get(thing) ?? ++last;
      known.set(thing, number);
      return number;
    },
  };
}
