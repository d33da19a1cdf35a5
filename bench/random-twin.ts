import { readFileSync } from 'node:fs';
import { loadModel } from '../src/network/load-model.js';
import { END_OF_TEXT } from '../src/pretraining/pretraining-text.js';
import { languageModelWeights } from '../src/pretraining/train-language-model.js';
import { writeModel } from '../src/pretraining/write-model.js';
import type { TokenizerJson } from '../src/tokenizer/tokenizer-json.js';
import { initialWeights } from '../src/training/network-weights.js';

/** Writes a model of the same shape and tokenizer, with weights as training would begin with them. */
export async function writeRandomTwin(
  model: string,
  folder: string,
  { seed, cacheFolder }: { readonly seed: number; readonly cacheFolder?: string | undefined },
): Promise<void> {
  const { checkpoint, tokenizer } = await loadModel(model, { cacheFolder });
  const { config } = checkpoint;
  const content = JSON.parse(readFileSync(checkpoint.tokenizer.path, 'utf8')) as TokenizerJson;
  const endOfText = [...tokenizer.special].find((id) => tokenizer.describe(id) === END_OF_TEXT)!;
  const weights = initialWeights(languageModelWeights(config), seed);
  await writeModel(folder, { config, tokenizer: content, endOfText, weights });
}
