import { embeddingWidth, type ModelConfig } from '../network/checkpoint/config.js';
import type { Trainable } from '../network/trainable.js';
import { prefix, prefixWidth } from './prefix.js';
import { softPrompt } from './soft-prompt.js';

/** A way to learn a prompt for a frozen model. */
export interface Method {
  readonly name: MethodName;
  /** One line for people. */
  readonly about: string;
  /** `peft_type` of PEFT's adapter_config.json. */
  readonly peftType: string;
  /** Whether learned tokens are rows of the sequences, which may stand anywhere; else they come before everything. */
  readonly inRows: boolean;
  /** How many numbers a learned token has. */
  width(config: ModelConfig): number;
  /** @param tokens P */
  trainable(tokens: number, config: ModelConfig): Trainable;
}

export type MethodName = 'soft' | 'prefix';

/** All methods, by the name that users give. */
export const METHODS: Readonly<Record<MethodName, Method>> = {
  soft: {
    name: 'soft',
    about: 'a soft prompt: learned input embeddings (Lester et al. 2021)',
    peftType: 'PROMPT_TUNING',
    inRows: true,
    width: embeddingWidth,
    trainable: (tokens, config) => softPrompt(tokens, embeddingWidth(config)),
  },
  prefix: {
    name: 'prefix',
    about: 'a prefix: learned keys and values in every layer (Li & Liang 2021; P-tuning v2)',
    peftType: 'PREFIX_TUNING',
    inRows: false,
    width: prefixWidth,
    trainable: prefix,
  },
};

export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];
