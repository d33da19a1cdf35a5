import { concatenate } from '../../concatenate.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { compile, type Feed, type ProgramOptions } from '../../runtime/program.js';
import { programCache } from '../../runtime/program-cache.js';
import { checkBatch } from '../check-batch.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { embeddingWidth } from '../checkpoint/config.js';
import { candidateParts, cutBatch, runLimits } from '../cut-batch.js';
import { changesLayers, leadingComputation } from '../decoding/decoding-computation.js';
import { type Front, FrontCache, frontKey } from '../decoding/front-cache.js';
import { familyOf } from '../families/registry.js';
import { arraysOf, type Trainable } from '../trainable.js';
import { type MixedForm, mixedComputation } from './mixed-computation.js';
import { type MixedSequence, mixedFeeds } from './mixed-feeds.js';

/** A prompt as others of its model can stand beside it in a batch. */
export interface MixedPrompt {
  readonly trainable: Trainable;
  /** The numbers of `trainable`, flat. */
  readonly learned: Float32Array;
  /** Leading ids of every context, which are the same for all: computed once a prompt and not once a batch. */
  readonly front: Int32Array;
  /** The longest sequence, in tokens. */
  readonly maxPositions: number;
}

/** A sequence of a prompt. */
export interface MixedRequest {
  readonly prompt: MixedPrompt;
  readonly sequence: PromptSequence;
}

/**
 * One frozen model behind many prompts: sequences of different prompts in one batch. Learned tokens of all prompts stand in
 * one table; what a prompt puts in front is computed once, and kept by a hash of what it is made of, never by a name.
 * Errors of its methods: SEQUENCE_TOO_LONG, SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface MixedNetwork {
  /**
   * Whether a sequence can stand beside those of other prompts: its own changes no layer, has no head of its own and makes no rows, and one run is
   * enough for its candidates.
   */
  takes(request: MixedRequest): boolean;
  /**
   * The logits of each sequence's candidates, as `PromptNetwork.logits` gives them; those of prompts with a candidate of
   * several tokens are log-probabilities.
   */
  logits(batch: readonly MixedRequest[]): Promise<Float32Array[]>;
  /** Whether what a prompt puts in front is at hand, so that a sequence costs its own tokens alone. */
  keepsFront(prompt: MixedPrompt): boolean;
  /** Bytes of fronts that are kept now. */
  readonly frontBytes: number;
  release(): Promise<void>;
}

export interface MixedNetworkOptions extends ProgramOptions {
  /** Bytes of fronts that are kept; beyond, the one that was used longest ago is computed anew when it is needed. */
  readonly frontBytes?: number | undefined;
}

/** Tables of positions take memory. */
const MOST_POSITIONS = 4096;

export function mixedNetwork(
  checkpoint: Checkpoint,
  { frontBytes, ...options }: MixedNetworkOptions = {},
): MixedNetwork {
  const { config } = checkpoint;
  const width = embeddingWidth(config);
  const limits = runLimits(config.vocabularySize);
  const maxPositions = Math.min(config.maxPositions, MOST_POSITIONS);
  const programs = programCache();
  const fronts = new FrontCache(frontBytes);
  const keys = new WeakMap<MixedPrompt, string>();
  const keyOf = (prompt: MixedPrompt): string => {
    const key = keys.get(prompt) ?? frontKey(checkpoint, prompt, prompt.front);
    keys.set(prompt, key);
    return key;
  };
  const run = async (
    purpose: MixedForm['purpose'],
    { feeds, sizes, form }: ReturnType<typeof mixedFeeds>,
    more: { readonly feeds?: Record<string, Feed>; readonly sizes?: Record<string, number> } = {},
  ) => {
    const program = await programs.get(`${purpose} ${form.fronts} ${form.learned}`, () =>
      compile(mixedComputation(checkpoint, { purpose, ...form }, maxPositions), options),
    );
    return program.run({ ...feeds, ...more.feeds }, { ...sizes, ...more.sizes });
  };

  /** What a method itself puts in front. */
  const leadingOf = async ({ trainable, learned }: MixedPrompt): Promise<Front> => {
    if (trainable.leadingRows === 0) return NO_FRONT;
    const program = await compile(leadingComputation(checkpoint, trainable), options);
    try {
      const { leading } = await program.run(arraysOf(trainable, learned));
      return { rows: trainable.leadingRows, keyValues: leading! };
    } finally {
      await program.release();
    }
  };
  /** The fronts of several prompts, computed together. */
  const computeFronts = async (prompts: readonly MixedPrompt[]): Promise<Front[]> => {
    const leading = await Promise.all(prompts.map(leadingOf));
    const batch = prompts.map(
      ({ front, learned }, i): MixedSequence => ({ sequence: frontSequence(front), front: leading[i]!, learned }),
    );
    const computed: Front[] = [];
    for (const piece of cutBatch(batch.map(({ sequence }) => sequence).filter(isFilled), 0, 'label words', limits)) {
      const places = piece.map((sequence) => batch.findIndex((entry) => entry.sequence === sequence));
      const own = places.map((place) => batch[place]!);
      const made = mixedFeeds(own, config, width);
      const { keyValues } = await run('fronts', made);
      const size = keyValues!.length / made.sizes.N!;
      for (const [i, place] of places.entries()) {
        const { start, predecessors } = made.layout.examples[i]!;
        const rows = keyValues!.subarray(start * size, (start + predecessors.length) * size);
        computed[place] = joined(leading[place]!, { rows: predecessors.length, keyValues: rows });
      }
    }
    return prompts.map((_, i) => computed[i] ?? leading[i]!);
  };
  const frontsOf = async (prompts: readonly MixedPrompt[]): Promise<Map<MixedPrompt, Front>> => {
    const found = new Map<MixedPrompt, Front>();
    const missing = new Map<string, MixedPrompt>();
    for (const prompt of prompts) if (!fronts.has(keyOf(prompt))) missing.set(keyOf(prompt), prompt);
    const order = [...missing.keys()];
    const computing = order.length === 0 ? undefined : computeFronts([...missing.values()]);
    await Promise.all(
      prompts.map(async (prompt) => {
        const key = keyOf(prompt);
        const place = order.indexOf(key);
        // one that was forgotten meanwhile is computed alone
        const compute = async () => (place === -1 ? (await computeFronts([prompt]))[0]! : (await computing!)[place]!);
        found.set(prompt, await fronts.get(key, compute));
      }),
    );
    return found;
  };

  /** All candidates of one token: logits of the words that any of them asks for. */
  const scoreWords = async (batch: readonly MixedSequence[]): Promise<Float32Array[]> => {
    const words = [...new Set(batch.flatMap(({ sequence }) => sequence.candidates.map(([id]) => id!)))];
    const columns = new Map(words.map((id, column) => [id, column]));
    const { scores } = await run('words', mixedFeeds(batch, config, width), {
      feeds: { labelIds: BigInt64Array.from(words, BigInt) },
      sizes: { C: words.length },
    });
    return batch.map(({ sequence }, i) =>
      Float32Array.from(sequence.candidates, ([id]) => scores![i * words.length + columns.get(id!)!]!),
    );
  };
  const scoreTokens = async (batch: readonly MixedSequence[]): Promise<Float32Array[]> => {
    const made = mixedFeeds(batch, config, width);
    const { layout, scoredRows } = made;
    const V = config.vocabularySize;
    const { scores } = await run('tokens', made, {
      feeds: {
        scoredRows: BigInt64Array.from(scoredRows, BigInt),
        scoredPlaces: BigInt64Array.from(layout.scored, ({ token }, k) => BigInt(scoredRows[k]! * V + token)),
      },
      sizes: { K: layout.scored.length },
    });
    const sums = batch.map(({ sequence }) => new Float32Array(sequence.candidates.length));
    layout.scored.forEach(({ sequence, candidate, weight }, k) => {
      sums[sequence]![candidate]! += weight * scores![k]!;
    });
    return sums;
  };

  const fits = new WeakMap<MixedPrompt, boolean>();
  const takesPrompt = (prompt: MixedPrompt): boolean => {
    const { trainable, learned, maxPositions: longest } = prompt;
    const known =
      fits.get(prompt) ??
      (familyOf(config).sees !== 'source' && // its text is read by an encoder of its own
        !trainable.made?.length &&
        !changesLayers(trainable, checkpoint) &&
        (trainable.rows === 0 || learned.length === trainable.rows * width) &&
        longest + trainable.leadingRows <= maxPositions);
    fits.set(prompt, known);
    return known;
  };
  const takes = ({ prompt, sequence }: MixedRequest): boolean =>
    takesPrompt(prompt) &&
    begins(sequence.context, prompt.front) &&
    candidateParts(sequence, prompt.front.length, limits).length === 1;

  return {
    takes,
    keepsFront: (prompt) => !takesPrompt(prompt) || fronts.has(keyOf(prompt)),
    get frontBytes() {
      return fronts.size;
    },
    logits: async (batch) => {
      for (const request of batch) {
        const { prompt, sequence } = request;
        checkBatch([sequence], {
          ...{ config, learnedTokens: prompt.trainable.rows, takenPositions: prompt.trainable.leadingRows },
          ...{ sharedRows: 0, maxPositions: prompt.maxPositions, targetsNeeded: false },
        });
        if (!takes(request)) throw new RangeError('a sequence that is not taken');
      }
      const found = await frontsOf([...new Set(batch.map(({ prompt }) => prompt))]);
      const mixed = batch.map(({ prompt, sequence }): MixedSequence => {
        const front = found.get(prompt)!;
        const context = sequence.context.subarray(prompt.front.length);
        return { front, sequence: { ...sequence, context }, learned: prompt.learned };
      });
      const answers = new Array<Float32Array>(batch.length);
      const places = new Map(mixed.map((entry, place) => [entry.sequence, place]));
      for (const [score, head, wanted] of [
        [scoreWords, 'label words', true],
        [scoreTokens, 'all candidates', false],
      ] as const) {
        const own = mixed.map(({ sequence }) => sequence).filter((sequence) => isOneToken(sequence) === wanted);
        own.sort((a, b) => a.context.length - b.context.length); // of similar length, for less padding in attention
        for (const piece of own.length === 0 ? [] : cutBatch(own, 0, head, limits)) {
          const scored = await score(piece.map((sequence) => mixed[places.get(sequence)!]!));
          for (const [i, sequence] of piece.entries()) answers[places.get(sequence)!] = scored[i]!;
        }
      }
      return answers;
    },
    release: programs.release,
  };
}

const NO_FRONT: Front = { rows: 0, keyValues: new Float32Array(0) };

/** A prompt's front as a text of which nothing is asked; what is computed for its only candidate is thrown away. */
const frontSequence = (context: Int32Array): PromptSequence => ({
  context,
  candidates: [Int32Array.of(0)],
  target: undefined,
});

const isFilled = ({ context }: PromptSequence) => context.length > 0;

const isOneToken = ({ candidates }: PromptSequence) => candidates.every(({ length }) => length === 1);

/** Whether a context begins with a front, and has more. */
function begins(context: Int32Array, front: Int32Array): boolean {
  return context.length > front.length && front.every((id, i) => context[i] === id);
}

function joined(first: Front, then: Front): Front {
  return { rows: first.rows + then.rows, keyValues: concatenate([first.keyValues, then.keyValues], Float32Array) };
}
