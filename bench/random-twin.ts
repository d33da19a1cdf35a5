import { readFileSync } from 'node:fs';
import { writeModel } from '../src/artifact/write-model.js';
import { loadModel } from '../src/pipeline/load-model.js';
import { END_OF_TEXT } from '../src/pipeline/pretraining/pretraining-text.js';
import type { TokenizerJson } from '../src/tokenizer/tokenizer-json.js';
import { initialWeights } from '../src/tuning/network-weights.js';
import { languageModelWeights } from '../src/tuning/train-language-model.js';

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
