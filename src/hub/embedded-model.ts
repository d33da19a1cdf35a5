import { fileURLToPath } from 'node:url';

/** How the model that comes with this package is named where a model is asked for. */
export const EMBEDDED_MODEL = 'embedded';

/** Where it lies in this package. */
export const EMBEDDED_MODEL_PATH = 'models/bilingual-6m';

/** Its folder: a Llama-type model of 6 million weights for Chinese and English; see its model card there. */
export function embeddedModelFolder(): string {
  return fileURLToPath(new URL(`../../../${EMBEDDED_MODEL_PATH}`, import.meta.url));
}
