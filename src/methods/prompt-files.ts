/** The files of a prompt folder. The first two are PEFT's. */
export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_FILE = 'adapter_model.safetensors';
export const INITIAL_FILE = 'initial_embeddings.safetensors';
/** The maps of made rows. */
export const ROWS_FILE = 'made_rows.safetensors';
export const RECORD_FILE = 'softprompt.json';
export const CARD_FILE = 'README.md';

/** PEFT's name of the tensor in `adapter_model.safetensors`. */
export const ADAPTER_TENSOR = 'prompt_embeddings';
export const INITIAL_TENSOR = 'initial_embeddings';
/** What answers in the prompt's place, where that labels more right. */
/** What `evaluate` compares a prompt with. */
export const WORDS_BASELINE_FILE = 'baseline-bag-of-words.json';
export const BAG_OF_WORDS_FILE = 'bag-of-words.json';
