import type { BaseModel } from '../hub/base-model.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type FrozenModel, loadModel } from '../network/load-model.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { openRecommender } from '../recommend/open-recommender.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { type OpenPrompt, type Prediction, predictSequences, promptOnModel } from '../tasks/open-prompt.js';
import { requireTask } from '../tasks/prompt-folder/prompt-task.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import { templateFields } from '../tasks/text-task.js';
import { Batcher } from './batcher.js';
import type { Loaded } from './shelf.js';
import type { FoundFolder } from './watched-folder.js';

/** The fields of a template's slots. */
export type Fields = Readonly<Record<string, string>>;

/** A prompt that answers, several requests at a time. */
export interface ServedPrompt {
  readonly open: OpenPrompt;
  readonly fields: readonly string[];
  /** @throws ServerBusy, the signal's reason, FIELD_MISSING, PROMPT_TOO_LONG */
  predict(texts: readonly Fields[], signal?: AbortSignal): Promise<Prediction[]>;
}

export interface ServedRecommender {
  readonly open: OpenRecommender;
}

export interface LoadingOptions {
  /** In place of where the prompts say that their model lies. */
  readonly model?: string | undefined;
  readonly cacheFolder?: string | undefined;
  readonly threads?: number | undefined;
  /** Texts that go into one batch at most, that may wait, and how long the first one waits, in milliseconds. */
  readonly batch: { readonly most: number; readonly queue: number; readonly wait: number };
}

interface Asked {
  readonly prompt: OpenPrompt;
  readonly sequence: PromptSequence;
}

/** Loads prompts and recommenders; prompts of one model share it, and their texts are answered by one queue. */
export class Loader {
  readonly #options: LoadingOptions;
  readonly #models = new Map<string, Promise<FrozenModel>>();
  readonly #queues = new Map<FrozenModel, Batcher<Asked, Prediction>>();

  constructor(options: LoadingOptions) {
    this.#options = options;
  }

  /** Texts that wait. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The models that are held. */
  async models(): Promise<readonly FrozenModel[]> {
    return Promise.all(this.#models.values());
  }

  prompt = async ({ path }: FoundFolder): Promise<Loaded<ServedPrompt>> => {
    const saved = await readPrompt(path);
    requireTask(saved, 'classification', path);
    const model = await this.#model(saved.baseModel);
    const open = promptOnModel(saved, model, this.#options.threads);
    const fields = templateFields(open.task.compiled.template);
    const encode = (text: Fields) => open.task.compiled.encode({ id: 'the text', fields: text, label: undefined });
    await predictSequences(open, [encode(Object.fromEntries(fields.map((field) => [field, 'a'])))]); // the first is slow
    const queue = this.#queue(model);
    return {
      value: {
        ...{ open, fields },
        predict: async (texts, signal) => {
          const asked = texts.map((text) => ({ prompt: open, sequence: encode(text) })); // a mistake is this request's alone
          return queue.submit(asked, signal);
        },
      },
      close: open.close,
    };
  };

  recommender = async ({ path }: FoundFolder): Promise<Loaded<ServedRecommender>> => {
    const { model, cacheFolder, threads } = this.#options;
    const open = await openRecommender(path, { model, cacheFolder, threads });
    return { value: { open }, close: open.close };
  };

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.drain();
  }

  #model(base: BaseModel): Promise<FrozenModel> {
    const { model: given, cacheFolder } = this.#options;
    const key = given ?? JSON.stringify([base.source, base.hub?.commit, base.hash]);
    const loading =
      this.#models.get(key) ??
      (given === undefined ? loadBaseModel(base, { cacheFolder }) : loadModel(given, { cacheFolder }));
    this.#models.set(key, loading);
    loading.catch(() => this.#models.delete(key));
    return loading;
  }

  #queue(model: FrozenModel): Batcher<Asked, Prediction> {
    const found = this.#queues.get(model);
    if (found !== undefined) return found;
    const queue = new Batcher<Asked, Prediction>({ ...this.#options.batch, run: answerBatch });
    this.#queues.set(model, queue);
    return queue;
  }
}

/** The answers to texts of several prompts, in their order. */
async function answerBatch(batch: readonly Asked[]): Promise<Prediction[]> {
  const answers = new Array<Prediction>(batch.length);
  const places = new Map<OpenPrompt, number[]>();
  for (const [place, { prompt }] of batch.entries()) places.set(prompt, [...(places.get(prompt) ?? []), place]);
  for (const [prompt, own] of places) {
    const found = await predictSequences(
      prompt,
      own.map((place) => batch[place]!.sequence),
    );
    for (const [i, place] of own.entries()) answers[place] = found[i]!;
  }
  return answers;
}
