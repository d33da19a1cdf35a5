/**
 * Every error a user can meet, by code. `docs/errors.md` lists the same codes; a test keeps the two in step.
 * One block per stage, in processing order.
 */
export const ERROR_CODES = {
  // data
  DATA_FILE_UNREADABLE: 'A data file is missing, a folder, or forbidden, or has a line of more than 500 MB.',
  DATA_FORMAT_UNKNOWN: "The file's name does not tell its format.",
  DATA_FORMAT_FOREIGN:
    'The file is of another kind than its name or the named format says: a workbook, an archive, a web page.',
  DATA_GZIP_DAMAGED: 'A gzip file is cut off or damaged.',
  DATA_ENCODING: 'The text is not in the encoding that was named, or not in UTF-8.',
  DATA_ENCODING_UNKNOWN: 'A text encoding is named that does not exist.',
  DATA_EMPTY: 'The file has no rows, or no blank line to end a document.',
  DATA_JSON_INVALID: 'A line is not a JSON object, or an array of objects is longer than 500 MB.',
  DATA_ROWS_INVALID: 'Rows in memory are no objects of plain values.',
  DATA_ROW_RAGGED: 'A row has more or fewer values than there are columns.',
  DATA_QUOTES: 'A double quote in a CSV row is misplaced or never closed.',
  DATA_COLUMN_REPEATED: 'Two columns have the same name.',
  DATA_PARQUET_INVALID: 'The file is not whole Parquet.',
  DATA_COLUMN_MISSING: 'A column that is needed is not in the file.',
  DATA_FIELD_UNKNOWN: 'A field mapping is malformed or names a field that is not used.',
  DATA_LABEL_UNKNOWN: 'Rows have labels outside the label set.',
  DATA_LABEL_MISSING: 'Rows that need a label have none.',
  DATA_SPLIT_FRACTION: 'The fractions of a split are not numbers from 0 that leave rows for training.',
  DATA_SPLIT_EMPTY: 'A split would have no rows.',
  DATA_SHOTS: 'A label has too few rows for the few-shot sample, or the number asked is no positive integer.',
  DATA_DATABASE: 'A database cannot be opened, or a query on it fails.',
  DATA_ID_MISSING: 'A row lacks the id of its user or item.',
  DATA_ID_REPEATED:
    'Two rows of an item or user table, or two sequences, have the same id, or ids differ only in half a character.',
  DATA_IDS_FOREIGN: 'No id of the interactions occurs in the table of items or users.',
  DATA_TIME_INVALID: 'The time of an interaction cannot be read.',
  DATA_TIME_AMBIGUOUS: 'Times can be read in several ways.',
  DATA_LIST_INVALID: 'A list of items cannot be read.',
  DATA_RATING_INVALID: 'The rating of an interaction is no number.',
  DATA_TIME_MISSING: 'A split by time is asked of interactions that have no times.',
  DATA_CORE_EMPTY: 'No interaction is left by the k-core filter, or its sizes are no whole numbers from 1.',
  DATA_UNWRITABLE: 'A table cannot be written: full disk, no permission.',
  DATA_OUTPUT_EXISTS: 'A file that a command would write exists already.',
  DATA_SIMULATION: 'Readers cannot be simulated: settings are impossible, or the catalogue is too small.',
  DATA_SET_UNKNOWN: 'There is no public data set of this name.',
  DATA_SET_UNREACHABLE: 'A public data set cannot be downloaded from its publisher.',
  DATA_SET_CHECKSUM: 'The zip of a public data set is not the one that its publisher offers.',
  DATA_SET_INVALID: 'The zip of a public data set cannot be unpacked, or lacks a file.',
  DUCKDB_UNAVAILABLE: 'DuckDB is needed, and is not installed or does not load.',
  BATCH_UNFINISHED: 'Beside the file for a batch of answers lie those of another batch that has not ended.',
  // tokenizer
  TOKENIZER_UNREADABLE: 'A tokenizer file is missing or cannot be read.',
  TOKENIZER_INVALID: 'A tokenizer.json, or the vocabulary in a GGUF file, is damaged or of another form.',
  TOKENIZER_UNSUPPORTED: 'The model has a kind of tokenizer that softprompt cannot run.',
  CHAT_TEMPLATE: 'A model brings no chat template, or one that cannot be used as it was asked for.',
  VOCABULARY_MISMATCH: 'The tokenizer knows more ids than the model has embeddings.',
  // prompt
  TEMPLATE_INVALID: 'A template has a mistake; the message shows where and what was expected there.',
  LABELS_INVALID: 'The labels and their words cannot be told apart, or are not labels.',
  LABEL_UNKNOWN: 'An example has a label that is not among the labels.',
  FIELD_MISSING: 'An example lacks a field that the template reads.',
  PROMPT_TOO_LONG: 'Fixed words, learned tokens and label words alone exceed the longest allowed sequence.',
  PROMPT_EMPTY: 'Nothing stands before the label, so there is nothing to predict it from.',
  // autodiff
  GRAPH_SHAPE: 'Two tensors of a network do not fit together, or an input has another shape than the network declares.',
  RUNTIME_UNAVAILABLE: 'ONNX Runtime is not installed or does not load, and nothing takes its place.',
  RUNTIME_INVALID: 'No such runtime.',
  RUNTIME_MEMORY: 'A network is too large for the WebAssembly runtime.',
  GRAPH_RUN: 'ONNX Runtime could not load or run a network.',
  // model
  MODEL_FILE_UNREADABLE: 'A file of the model is missing, cannot be read or ends too early.',
  MODEL_FOLDER_INCOMPLETE:
    'The path holds no model, or a part of it (weights, config.json, tokenizer.json) is missing.',
  MODEL_CONFIG_INVALID: 'A setting of the model (in config.json or the GGUF metadata) is missing or makes no sense.',
  MODEL_UNSUPPORTED: 'The model is of a family, or uses a feature, that softprompt does not support.',
  SAFETENSORS_INVALID: 'A .safetensors file contradicts itself or its format.',
  SAFETENSORS_INDEX_INVALID: 'model.safetensors.index.json does not fit the shards beside it.',
  PYTORCH_INVALID: 'A PyTorch weight file is damaged, or of a form that is not read.',
  PYTORCH_REFUSED: 'A PyTorch weight file asks to run something, beyond putting tensors together.',
  GGUF_INVALID: 'A .gguf file contradicts itself or its format.',
  TENSOR_MISSING: 'A weight file lacks a tensor.',
  TENSOR_TYPE_UNSUPPORTED: 'A tensor has a number type that softprompt cannot read.',
  WEIGHTS_MISMATCH: 'The tensors of the model are not those that its settings call for.',
  SEQUENCE_TOO_LONG: 'A sequence has more tokens than the model, or the opened network, has positions.',
  SEQUENCE_INVALID:
    'A sequence does not fit the network: an id it does not have, no right candidate where one is needed, another beginning.',
  CACHE_UNWRITABLE: 'The cache folder cannot be written: full disk, no permission.',
  MODEL_SOURCE_UNKNOWN: 'A model is named by what is neither a path that exists nor a hub id.',
  HUB_NOT_FOUND: 'The hub has no such repository, revision or file.',
  HUB_FORBIDDEN: 'The hub asks for a token, or for one that may read the model.',
  HUB_UNREACHABLE: 'The hub cannot be reached, stalls, or keeps failing.',
  HUB_OFFLINE: 'Offline mode is on and the cache does not hold the whole model.',
  HUB_FILES: 'A repository has no weights that softprompt reads, or several to choose from.',
  HUB_CHECKSUM: 'A downloaded file is not what the hub says it is.',
  HUB_ENDPOINT_INVALID: 'The address of the hub is no web address.',
  HUB_ANSWER_INVALID: 'A server does not answer as a hub does.',
  // decoding
  DECODING_OPTION: 'An option of generating texts is outside its range, or does not go with another one.',
  // evaluation
  EVALUATION_SHAPE: 'Scores, right labels and label set do not have matching sizes.',
  EVALUATION_EMPTY: 'There is no labelled example to evaluate.',
  EVALUATION_TARGET: 'A right label lies outside the label set.',
  EVALUATION_NOT_FINITE: 'A score is not a finite number.',
  // training
  TUNING_SETTING: 'A training setting is outside its range.',
  INITIALISATION: 'A prompt cannot start from what was given.',
  TUNING_NOT_FINITE: 'The loss or the gradient became infinite or not a number.',
  STATE_UNREADABLE: 'A saved training state is missing, damaged, or of another version.',
  // recommend
  BASELINE_SETTING: 'A setting of a baseline recommender is outside its range.',
  BASELINE_NEEDS_TIMES: 'A baseline that looks at recent interactions got interactions without times.',
  BASELINE_TOO_LARGE: 'A catalogue has too many items for a baseline.',
  RECOMMEND_OPTION: 'An option of a recommender is outside its range.',
  RECOMMEND_DATA: 'There is too little data to learn a recommender from, or it lacks what an option needs.',
  RECOMMEND_REQUEST: 'A request names a user, an item or an attribute that the recommender does not know.',
  RECOMMENDER_INVALID: 'A recommender folder is missing, incomplete or not readable.',
  RECOMMEND_ITEMS: 'New items cannot be read: the recommender was fitted without the texts of its items.',
  RECOMMENDER_REFITTED: 'A network that has learned from the held-out interactions is to be judged by them.',
  RECOMMEND_FILTER:
    'A condition on items cannot be read, takes too long, or uses a column or function that it may not.',
  // folders
  PROMPT_FOLDER_INCOMPLETE: 'A prompt folder, or one of its files, is missing.',
  PROMPT_FOLDER_EXISTS: 'The folder a prompt should be saved to already holds one.',
  PROMPT_FOLDER_UNWRITABLE: 'A prompt or recommender, or a file beside it, cannot be saved: full disk, no permission.',
  PROMPT_FILE_INVALID: 'A JSON file of a prompt folder is damaged or lacks a field.',
  PROMPT_FILES_MIXED: 'The files of a prompt folder do not belong together.',
  PROMPT_VERSION: 'A prompt was saved by a newer softprompt.',
  PROMPT_TENSOR_INVALID: 'The learned numbers have the wrong shape or type, or are not finite.',
  PROMPT_BASE_MODEL: 'A prompt does not fit into the model that was loaded.',
  PROMPT_TASK: 'A prompt was learned for another task than the one it is used for.',
  PEFT_UNSUPPORTED: 'A PEFT adapter is of a kind that softprompt does not have.',
  MODEL_UNWRITABLE: 'A trained model, or the state of its training, cannot be written: full disk, no permission.',
  // interaction-store
  STORE_UNAVAILABLE: 'The database of interactions does not open or does not answer.',
  STORE_LOCKED: 'Another process has the folder of interactions open.',
  // tasks
  NOTHING_TO_LEARN: 'The template of a tuning run has no learned tokens.',
  RUN_NOT_FOUND: 'A folder holds no run that could be resumed.',
  RUN_UNFINISHED: 'The folder for a new run holds one that has not ended.',
  RUN_IN_USE: 'Another process is at work in the folder of a run.',
  ENDPOINT_UNREACHABLE:
    'A server that is to answer with log-probabilities is out of reach, keeps failing, or wants a key.',
  ENDPOINT_ANSWER: 'A server answers without the log-probabilities or texts that were asked for.',
  RUN_DATA_CHANGED: 'The model, the training data or the validation data changed since the run was started.',
  // queue
  QUEUE_URL: 'The address of a queue is none of Redis, Valkey or PostgreSQL.',
  QUEUE_UNAVAILABLE: 'A package that queues need is not installed or does not load.',
  QUEUE_UNREACHABLE: 'The server of a queue does not answer.',
  QUEUE_STORE: 'The place for the files of jobs is neither a folder nor an S3 address.',
  QUEUE_STORE_UNREACHABLE: 'A bucket for the files of jobs does not answer, or refuses.',
  QUEUE_STORE_UNWRITABLE: 'Files of jobs cannot be written: full disk, no permission.',
  QUEUE_CONTENT_MISSING: 'The store lacks a file that a job names.',
  QUEUE_CONTENT_DAMAGED: 'A file that came from the store is another one than its name says.',
  QUEUE_CLOCK: "A worker's clock differs too much from that of the queue's server.",
  QUEUE_JOB_FOREIGN: 'A queue cannot carry this job, or carries one of another version.',
  QUEUE_JOB_UNKNOWN: 'A queue has no job of this name.',
  QUEUE_JOB_CANCELLED: 'Somebody cancelled the job.',
  QUEUE_JOB_DEAD: 'A job was given up after several tries.',
  // library
  CLOSED: 'A model, prompt or recommender is used after it was closed.',
  // cli
  FLAG_INVALID: 'A flag is unknown, or has a value that it does not take.',
  FLAG_MISSING: 'A command lacks a flag or an argument that it needs.',
  FLAG_CONFLICT: 'Two flags or arguments of a command exclude each other.',
  CONFIG_INVALID: 'The file given with --config cannot be read or has an unknown key.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What a user needs in order to act: what was found, what was expected there, what to do now. */
export interface ErrorFacts {
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** The only error class softprompt throws on purpose. Anything else that escapes is a bug of ours. */
export class SoftpromptError extends Error {
  override readonly name = 'SoftpromptError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts, options?: ErrorOptions) {
    super(`${facts.found}. Expected ${facts.expected}. ${facts.fix}`, options);
    this.code = code;
    this.facts = facts;
  }
}
