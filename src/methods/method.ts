import type { z } from 'zod';
import type { Tensor } from '../autodiff/tensor.js';
import type { SoftpromptError } from '../errors.js';
import type { BaseModel } from '../hub/base-model.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import type { FrozenModel } from '../network/load-model.js';
import type { Trainable } from '../network/trainable.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import type { Initialisation } from './initialise.js';
import type { MethodOptions } from './method-options.js';

/** A way to learn while a model stays frozen. A new one is a file beside these and a word in the registry. */
export interface Method {
  /** As users give it. */
  readonly name: string;
  /** One line for people. */
  readonly about: string;
  /** The hub's tag of such adapters. */
  readonly tag: string;
  /**
   * What `[soft:N]` in a template means: rows of the sequences, which may stand anywhere; rows before everything; or
   * nothing, as the method learns something else: the template then has none.
   */
  readonly tokens: 'rows' | 'front' | 'none';
  /** Where it can start, the default first; `prompt`, from another of the same method, it always can. */
  readonly starts: readonly Exclude<Initialisation['kind'], 'prompt'>[];
  /** The settings that it has, with its defaults for a model. @throws TUNING_SETTING */
  settle(options: MethodOptions, config: ModelConfig): MethodOptions;
  /**
   * @param tokens P: learned tokens of the template
   * @param options settled ones
   */
  trainable(tokens: number, config: ModelConfig, options: MethodOptions): Trainable;
  /** The numbers to start from, flat, in the order of the trainable's arrays. @throws INITIALISATION */
  start(request: StartRequest): Promise<Float32Array>;
  /** The automatic learning rate. @param scale root mean square of the embedding table */
  learningRate(scale: number): number;
  /** The learned tokens [P, d] as they enter the sequences, where they are not the numbers themselves. */
  readonly tokenRows?: (arrays: Readonly<Record<string, Float32Array>>, learned: LearnedShape) => Float32Array;
  /** How much each layer is changed, as Euclidean norms; default: the arrays' own. */
  readonly changes?: (
    arrays: Readonly<Record<string, Float32Array>>,
    learned: LearnedShape,
  ) => readonly { readonly layer: string; readonly norm: number }[];
  /** What is trained in the place of what is kept; undefined: that itself. */
  readonly encoder?: (tokens: number, config: ModelConfig, options: MethodOptions) => Encoder | undefined;
  /** Whether labelled examples are put in front of a template without learned tokens, as what learned tokens start from. */
  readonly startsFromExamples?: boolean;
  /** Whether it cannot learn to generate texts. */
  readonly classifiesOnly?: boolean;
  /** Brings numbers, in place, back to where they may be, after each update. */
  readonly keepNear?: (values: Float32Array, start: Float32Array, tokens: number, options: MethodOptions) => void;
  /** Whether it is no training in steps but a problem that is solved at once (`fitHead`). */
  readonly solvedAtOnce?: boolean;
  /** Undefined where PEFT has no such method: the arrays then have their own names in a folder without PEFT's settings. */
  readonly peft?: PeftLayout;
}

export interface StartRequest {
  readonly model: Pick<FrozenModel, 'checkpoint' | 'tokenizer'>;
  /** [P] where each learned token starts, if the template says so. */
  readonly starts: readonly LearnedStart[];
  readonly initialisation: Initialisation;
  readonly labelWords: readonly string[];
  /** Root mean square of the embedding table. */
  readonly scale: number;
  readonly seed: number;
  /** Settled ones. */
  readonly options: MethodOptions;
}

/** What is learned, but for the numbers themselves. */
export interface LearnedShape {
  /** P: learned tokens; 0 for a method without. */
  readonly tokens: number;
  readonly options: MethodOptions;
  /** Name → shape, in the order of the numbers. */
  readonly arrays: Readonly<Record<string, readonly number[]>>;
}

/** How PEFT writes what a method learns. */
export interface PeftLayout {
  /** `peft_type` of adapter_config.json. */
  readonly type: string;
  /** The fields of adapter_config.json beyond those of all adapters. */
  config(learned: LearnedShape, baseModel: BaseModel): Readonly<Record<string, unknown>>;
  /**
   * What adapter_config.json says.
   * @param fields reads it by a schema
   * @param refuse makes the error for what softprompt does not have
   */
  read(
    fields: <F>(schema: z.ZodType<F>) => Promise<F>,
    refuse: (found: string) => SoftpromptError,
  ): Promise<PeftDescription>;
  /** The name in adapter_model.safetensors of an array. */
  tensor(array: string): string;
  /** And back; undefined for a tensor that is none of the method's. */
  array(tensor: string): string | undefined;
}

export interface PeftDescription {
  readonly tokens: number;
  readonly options: MethodOptions;
  /** The shape that an array must have; null where the model decides. */
  readonly shape: (array: string) => readonly (number | null)[];
}

/** What is trained in the place of what is kept: a small network whose output that is. */
export interface Encoder {
  /** Its arrays in the order of their names. */
  readonly arrays: Readonly<Record<string, readonly number[]>>;
  /** The arrays that are kept, by name, of those that are trained. */
  make(arrays: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
  /** The numbers to start from. */
  start(request: StartRequest): Promise<Float32Array>;
}
