import { setImmediate as immediate } from 'node:timers/promises';
import type { DecodingOptions } from '../decoding/decoding-options.js';
import type { AnswerStream } from '../decoding/request.js';
import type { BaseModel } from '../hub/base-model.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, loadModel } from '../network/load-model.js';
import { type MixedNetwork, mixedNetwork } from '../network/mixed/mixed-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { openRecommender } from '../recommend/open-recommender.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { textEmbedder } from '../tasks/embed-texts.js';
import { generationOnModel } from '../tasks/open-generation.js';
import { type Prediction, promptOnModel } from '../tasks/open-prompt.js';
import { type AskedText, mixablePrompt, predictMixed } from '../tasks/predict-mixed.js';
import { requireTask } from '../tasks/prompt-folder/prompt-task.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../tasks/prompt-folder/saved-prompt.js';
import { templateFields } from '../tasks/text-task.js';
import { Batcher, type BatcherOptions } from './batcher.js';
import { Refusal, ServerBusy } from './server-refusals.js';
import type { Loaded } from './shelf.js';
import type { FoundFolder } from './watched-folder.js';

/** The fields of a template's slots. */
export type Fields = Readonly<Record<string, string>>;

/** A prompt that answers, several requests at a time. */
export interface ServedPrompt {
  readonly saved: SavedPrompt;
  readonly fields: readonly string[];
  /** @throws ServerBusy, the signal's reason, FIELD_MISSING, PROMPT_TOO_LONG */
  predict(texts: readonly Fields[], signal?: AbortSignal): Promise<Prediction[]>;
  /** Vectors of length 1, as the model reads the texts behind the prompt. Errors: as predict */
  embed(texts: readonly Fields[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** Answers as they come, of a prompt that goes on with texts. @throws ServerBusy, Refusal for one that labels */
  generate(texts: readonly Fields[], options: DecodingOptions, signal?: AbortSignal): AnswerStream[];
}

export interface ServedRecommender {
  readonly open: OpenRecommender;
  /**
   * Does something with it when it is its turn, a few at a time, so that what lists cost this thread never keeps it from
   * hearing requests. @throws ServerBusy, the signal's reason
   */
  inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

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
  readonly batch: Omit<BatcherOptions<unknown, unknown>, 'run'>;
}

/** Lists that are made at a time: while one waits for its network another is ordered. */
const LISTS_AT_A_TIME = 2;

/** A mistake is its own request's alone. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** A model that is held, with the network and the queue that all of its prompts share. */
interface Held {
  readonly model: FrozenModel;
  readonly network: MixedNetwork;
  readonly queue: Batcher<AskedText, Prediction>;
}

/** Loads prompts and recommenders; prompts of one model share it, and their texts are answered by one queue. */
export class Loader {
  readonly #options: LoadingOptions;
  readonly #loading = new Map<string, Promise<Held>>();
  /** Those that are loaded. */
  readonly #held = new Set<Held>();
  /** Answers that are under way. */
  #generating = 0;

  constructor(options: LoadingOptions) {
    this.#options = options;
  }

  /** Texts that wait. */
  get waiting(): number {
    return [...this.#held].reduce((sum, { queue }) => sum + queue.length, 0);
  }

  /** The models that are held. */
  get models(): readonly FrozenModel[] {
    return [...this.#held].map(({ model }) => model);
  }

  prompt = async ({ path }: FoundFolder): Promise<Loaded<ServedPrompt>> => {
    const saved = await readPrompt(path);
    if (saved.task === 'generation') return this.#generation(saved);
    requireTask(saved, 'classification', path);
    const { model, network, queue } = await this.#hold(saved.baseModel);
    const open = promptOnModel(saved, model, { threads: this.#options.threads, thread: 'own' });
    try {
      const fields = templateFields(open.task.compiled.template);
      const encode = (text: Fields) => open.task.compiled.encode({ id: 'the text', fields: text, label: undefined });
      const prompt = mixablePrompt(open);
      // a prompt that cannot answer is told now, and the first answer, which is slow, is given to nobody
      const sample = encode(Object.fromEntries(fields.map((field) => [field, 'a'])));
      await predictMixed(network, [{ prompt, sequence: sample }]);
      const embedder = textEmbedder(open, { threads: this.#options.threads, thread: 'own' });
      const embedding = new Batcher<PromptSequence, Float32Array>({ ...this.#options.batch, run: embedder.embed });
      return {
        value: {
          ...{ saved, fields, generate: () => refuseTask('labels texts: ask /predict') },
          embed: async (texts, signal) => embedding.submit(texts.map(encode), signal),
          predict: async (texts, signal) => {
            const asked = texts.map((text) => ({ prompt, sequence: encode(text) })); // a mistake is this request's alone
            return queue.submit(asked, signal);
          },
        },
        close: async () => {
          await embedding.drain();
          await embedder.close();
          await open.close();
        },
      };
    } catch (error) {
      await open.close();
      throw error;
    }
  };

  async #generation(saved: SavedPrompt): Promise<Loaded<ServedPrompt>> {
    const { model } = await this.#hold(saved.baseModel);
    const open = await generationOnModel(saved, model, { threads: this.#options.threads, thread: 'own' });
    const { fields } = open.task;
    try {
      const sample = Object.fromEntries(fields.map((field) => [field, 'a']));
      await open.generator.generate([sample], { maxNewTokens: 1 }); // see above
    } catch (error) {
      await open.close();
      throw error;
    }
    return {
      value: {
        ...{ saved, fields },
        predict: async () => refuseTask('goes on with texts: ask /generate'),
        embed: async () => refuseTask('goes on with texts: ask /generate'),
        generate: (texts, options, signal) => {
          if (this.#generating + texts.length > this.#options.streams) throw new ServerBusy(1);
          const { maxNewTokens = open.maxNewTokens, seed = 0 } = options;
          return texts.map((text, i) => {
            const stream = open.generator.stream(text, { ...options, maxNewTokens, seed: seed + i }, signal);
            this.#generating += 1;
            const ended = () => {
              this.#generating -= 1;
            };
            stream.answer.then(ended, ended);
            return stream;
          });
        },
      },
      close: open.close,
    };
  }

  recommender = async ({ path }: FoundFolder): Promise<Loaded<ServedRecommender>> => {
    const { model, cacheFolder, threads } = this.#options;
    const open = await openRecommender(path, { model, cacheFolder, threads, thread: 'own' });
    const turns = new Batcher<() => Promise<unknown>, Outcome>({
      ...{ ...this.#options.batch, most: LISTS_AT_A_TIME, wait: 0 },
      run: async (works) => {
        await immediate();
        return Promise.all(
          works.map((work) =>
            work().then(
              (value) => ({ value }),
              (error) => ({ error }),
            ),
          ),
        );
      },
    });
    const inTurn = async <T>(work: () => Promise<T>, signal?: AbortSignal) => {
      const [outcome] = await turns.submit([work], signal);
      if ('error' in outcome!) throw outcome.error;
      return outcome!.value as T;
    };
    return { value: { open, inTurn }, close: open.close };
  };

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    for (const { queue } of this.#held) await queue.drain();
  }

  /** Frees what all prompts share. */
  async close(): Promise<void> {
    for (const { network } of this.#held) await network.release();
  }

  #hold(base: BaseModel): Promise<Held> {
    const { model: given, cacheFolder } = this.#options;
    const key = given ?? JSON.stringify([base.source, base.hub?.commit, base.hash]);
    const loading =
      this.#loading.get(key) ??
      this.#load(given === undefined ? loadBaseModel(base, { cacheFolder }) : loadModel(given, { cacheFolder }));
    this.#loading.set(key, loading);
    loading.catch(() => this.#loading.delete(key));
    return loading;
  }

  async #load(loading: Promise<FrozenModel>): Promise<Held> {
    const { threads, frontBytes, batch } = this.#options;
    const model = await loading;
    const network = mixedNetwork(model.checkpoint, { threads, thread: 'own', frontBytes });
    const queue = new Batcher<AskedText, Prediction>({ ...batch, run: (asked) => predictMixed(network, asked) });
    const held = { model, network, queue };
    this.#held.add(held);
    return held;
  }
}

function refuseTask(what: string): never {
  throw new Refusal(400, 'PROMPT_TASK', `This prompt ${what}.`);
}
