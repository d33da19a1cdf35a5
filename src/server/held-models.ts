import { freemem } from 'node:os';
import type { BaseModel } from '../hub/base-model.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, loadModel } from '../network/load-model.js';
import { type MixedNetwork, mixedNetwork } from '../network/mixed/mixed-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { Prediction } from '../tasks/open-prompt.js';
import { type AskedText, predictMixed } from '../tasks/predict-mixed.js';
import { Batcher, type BatcherOptions } from './batcher.js';
import { shortName } from './read-card.js';

/** How everything is loaded. */
export interface LoadingOptions {
  /** In place of where the prompts say that their model lies. */
  readonly model?: string | undefined;
  readonly cacheFolder?: string | undefined;
  readonly threads?: number | undefined;
  /** Bytes of prompts' keys and values that are kept. */
  readonly frontBytes?: number | undefined;
  /** Answers that are generated at a time. */
  readonly streams: number;
  /** How texts are gathered. */
  readonly batch: Omit<BatcherOptions<unknown, unknown>, 'run' | 'cost'>;
}

/** A model that is held, with the network and the queue that all of its prompts share. */
export interface HeldModel {
  readonly model: FrozenModel;
  readonly network: MixedNetwork;
  readonly queue: Batcher<AskedText, Prediction>;
}

/** The frozen models that prompts and recommenders of a service share, each loaded once. */
export class HeldModels {
  readonly #options: LoadingOptions;
  readonly #loading = new Map<string, Promise<HeldModel>>();
  /** Those that are loaded. */
  readonly #held = new Set<HeldModel>();

  constructor(options: LoadingOptions) {
    this.#options = options;
  }

  /** Texts that wait. */
  get waiting(): number {
    return [...this.#held].reduce((sum, { queue }) => sum + queue.length, 0);
  }

  /** What is held, and what it takes in bytes: float32 weights, which are mapped, and what prompts put in front. */
  get holds(): readonly { readonly model: string; readonly weightBytes: number; readonly frontBytes: number }[] {
    return [...this.#held].map(({ model, network }) => ({
      model: shortName(model.checkpoint.source),
      ...{ weightBytes: weightBytesOf(model), frontBytes: network.frontBytes },
    }));
  }

  /** @throws the errors of loadModel */
  hold(base: BaseModel): Promise<HeldModel> {
    const { model: given, cacheFolder } = this.#options;
    const key = given ?? JSON.stringify([base.source, base.hub?.commit, base.hash]);
    const loading =
      this.#loading.get(key) ??
      this.#load(given === undefined ? loadBaseModel(base, { cacheFolder }) : loadModel(given, { cacheFolder }));
    this.#loading.set(key, loading);
    loading.catch(() => this.#loading.delete(key));
    return loading;
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    for (const { queue } of this.#held) await queue.drain();
  }

  async close(): Promise<void> {
    for (const { network } of this.#held) await network.release();
  }

  async #load(loading: Promise<FrozenModel>): Promise<HeldModel> {
    const { threads, frontBytes, batch } = this.#options;
    const model = await loading;
    if (this.#held.size > 0) requireMemory(model);
    const network = mixedNetwork(model.checkpoint, { threads, thread: 'own', frontBytes });
    const queue = new Batcher<AskedText, Prediction>({
      ...batch,
      cost: ({ prompt: { mixed }, sequence }) =>
        tokensOf(sequence) - (network.keepsFront(mixed) ? mixed.front.length : 0),
      run: (asked) => predictMixed(network, asked),
    });
    const held = { model, network, queue };
    this.#held.add(held);
    return held;
  }
}

function weightBytesOf({ checkpoint }: FrozenModel): number {
  const places = new Map(
    Array.from(checkpoint.weights.values(), ({ file, offset, byteLength }) => [`${offset} ${file}`, byteLength]),
  );
  return [...places.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Several models are served as far as memory goes. */
function requireMemory(model: FrozenModel): void {
  const free = process.availableMemory?.() ?? freemem(); // Node 20.13
  const needed = weightBytesOf(model);
  if (needed <= free) return;
  const inMiB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const name = shortName(model.checkpoint.source);
  throw new Error(`There is no memory for another model: ${name} takes ${inMiB(needed)}, and ${inMiB(free)} are free.`);
}

/** What a text costs: every token takes its time. */
export const tokensOf = ({ context, candidates }: PromptSequence): number =>
  candidates.reduce((sum, { length }) => sum + length, context.length);
