import type { BaseModel } from '../hub/base-model.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, loadModel } from '../network/load-model.js';
import { type MixedNetwork, mixedNetwork } from '../network/mixed/mixed-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { Prediction } from '../tasks/open-prompt.js';
import { type AskedText, predictMixed } from '../tasks/predict-mixed.js';
import { Batcher, type BatcherOptions } from './batcher.js';

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

  get models(): readonly FrozenModel[] {
    return [...this.#held].map(({ model }) => model);
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
    const network = mixedNetwork(model.checkpoint, { threads, thread: 'own', frontBytes });
    const queue = new Batcher<AskedText, Prediction>({
      ...{ ...batch, cost: ({ prompt, sequence }) => tokensOf(sequence) - prompt.mixed.front.length },
      run: (asked) => predictMixed(network, asked),
    });
    const held = { model, network, queue };
    this.#held.add(held);
    return held;
  }
}

/** What a text costs: every token takes its time. */
export const tokensOf = ({ context, candidates }: PromptSequence): number =>
  candidates.reduce((sum, { length }) => sum + length, context.length);
