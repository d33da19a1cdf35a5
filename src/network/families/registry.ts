import type { ModelConfig } from '../checkpoint/config.js';
import { bert } from './bert.js';
import { distilbert } from './distilbert.js';
import { electra } from './electra.js';
import type { Family, PretrainedFamily } from './family.js';
import { gemma, gemma2, gemma3 } from './gemma.js';
import { gptNeox } from './gpt-neox.js';
import { gpt2 } from './gpt2.js';
import { granite } from './granite.js';
import { llama, mistral, qwen2 } from './llama.js';
import { olmo2 } from './olmo2.js';
import { opt } from './opt.js';
import { phi3 } from './phi3.js';
import { qwen3 } from './qwen3.js';
import { roberta, xlmRoberta } from './roberta.js';
import { mt5, t5 } from './t5.js';

/** All families that softprompt knows. A new one is a file beside these and a word here. */
export const FAMILIES: readonly Family[] = [
  ...[llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3, phi3, granite, olmo2],
  ...[gpt2, gptNeox, opt],
  ...[bert, roberta, xlmRoberta, distilbert, electra],
  ...[t5, mt5],
];

/** The family of `model_type`; undefined for one that softprompt does not know. */
export function findFamily(name: string | undefined): Family | undefined {
  return FAMILIES.find((family) => family.name === name);
}

export function familyOf({ family }: Pick<ModelConfig, 'family'>): Family {
  const found = findFamily(family);
  if (found === undefined) throw new RangeError(`'${family}' is no family of models that softprompt knows`);
  return found;
}

/** What a model multiplies the embeddings of words with, and not learned tokens. */
export function wordScaleOf(config: ModelConfig): number {
  return familyOf(config).wordScale?.(config) ?? 1;
}

/** What pretraining knows of a model's family. */
export function pretrainedFamily(config: Pick<ModelConfig, 'family'>): PretrainedFamily {
  const { pretraining } = familyOf(config);
  if (pretraining === undefined) throw new RangeError(`models of the family ${config.family} are not pretrained here`);
  return pretraining;
}

/** Whether a model has the head that its family predicts words with. */
export function predictsWords(config: ModelConfig): boolean {
  return familyOf(config).predictsWords?.(config) ?? true;
}
