import { type FrozenModel, loadModel } from '../network/load-model.js';
import { type Closable, closable } from '../runtime/closable.js';
import { type ClassificationTask, classificationTask } from './classification.js';
import { Lifetime } from './closing.js';
import { loadingOptions, type ModelOptions } from './events.js';
import { type GenerationTask, generationTask } from './generation.js';
import type { LabelOf, SlotOf } from './template-types.js';

/** A frozen language model. */
export interface Model extends Closable {
  /** As it was named. */
  readonly source: string;
  readonly layers: number;
  /** d: numbers of an embedding. */
  readonly width: number;
  /** Words of the vocabulary. */
  readonly vocabularySize: number;
  /** The checkpoint and its tokenizer, for the functions below this door. */
  readonly frozen: FrozenModel;
  /**
   * A task: which of these labels a text has. Nothing runs yet.
   * @param template such as `'[soft:20]{text} It was{label}'`, see docs/templates.md
   * @param labels key in the data → word of the model, with its space: `{ positive: ' great', negative: ' terrible' }`
   * @throws TEMPLATE_INVALID, LABELS_INVALID, CLOSED
   */
  classify<const Template extends string, const Labels extends Readonly<Record<string | number, string>>>(
    template: Template,
    labels: Labels,
  ): ClassificationTask<SlotOf<Template>, LabelOf<Labels>>;
  /**
   * A task: to answer with a text. Nothing runs yet.
   * @param template such as `'[soft:20]Summarise: {abstract} TL;DR: {target}'`, see docs/generation.md
   * @throws TEMPLATE_INVALID, CLOSED
   */
  generate<const Template extends string>(template: Template): GenerationTask<Exclude<SlotOf<Template>, 'target'>>;
}

/**
 * Loads a frozen model: a folder, a GGUF file, a hub id, or `embedded`, the small one of this package. Its weights are
 * mapped, so that many use one copy.
 * @throws MODEL_SOURCE_UNKNOWN, HUB_…, MODEL_…; the signal's reason
 */
export async function load(source: string, options: ModelOptions = {}): Promise<Model> {
  const { signal, onEvent, threads } = options;
  signal?.throwIfAborted();
  const frozen = await loadModel(source, loadingOptions(options));
  signal?.throwIfAborted();
  if (frozen.note !== undefined) onEvent?.({ event: 'note', text: frozen.note });
  const { layers, hiddenSize, vocabularySize } = frozen.checkpoint.config;
  const lifetime = new Lifetime(`the model ${source}`);
  return {
    ...{ source, layers, width: hiddenSize, vocabularySize, frozen },
    classify: ((template: string, labels: Readonly<Record<string, string>>) => {
      lifetime.check();
      return classificationTask({ source, frozen, threads, lifetime }, template, labels);
    }) as Model['classify'],
    generate: ((template: string) => {
      lifetime.check();
      return generationTask({ source, frozen, threads, lifetime }, template);
    }) as Model['generate'],
    ...closable(() => lifetime.close()),
  };
}
