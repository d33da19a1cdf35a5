import { join } from 'node:path';
import { z } from 'zod';
import { withPath } from '../data/text-documents.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { JobKind } from '../jobs/job.js';
import { JobFolder, type StateFormat } from '../jobs/job-folder.js';
import { optionsRecord } from '../options/option-record.js';
import { readTrainingState, writeTrainingState } from '../training/state-file.js';
import { PRETRAINING, type PretrainingOptions } from './pretraining-options.js';
import type { PretrainingLine, PretrainingState } from './train-language-model.js';

const MODEL_FILE = 'model.safetensors';

/** Pretraining a language model, in one shard. What it goes on from stays when it has ended: the model may learn further. */
export const PRETRAINING_JOB: JobKind<PretrainingOptions> = {
  name: 'pretrain',
  command: 'pretrain',
  noun: 'run',
  product: 'model',
  productFile: MODEL_FILE,
  endedAs: 'a model whose training cannot be resumed',
  record: 'run.json',
  format: 'softprompt pretraining 1',
  schema: optionsRecord(PRETRAINING),
  keep: ({ overwrite, ...kept }) => kept,
  withPaths: (options, change) => ({
    ...options,
    data: options.data.map((text) => withPath(text, change)),
    ...(options.init === undefined ? {} : { init: change(options.init) }),
    ...(options.tokenizer === undefined ? {} : { tokenizer: change(options.tokenizer) }),
  }),
  repeatable: true,
  unwritable: 'MODEL_UNWRITABLE',
  checkFolder: () => {}, // a model goes on being trained by the same call, and by no other
};

export const pretrainingJobFolder = (folder: string) => new JobFolder(PRETRAINING_JOB, folder);

/** Where a tokenizer is kept until the model is whole. */
export const tokenizerFile = ({ training }: JobFolder<PretrainingOptions>) => join(training, 'tokenizer.json');

const STATE = 'state';

/** What a saved run goes on from, or undefined where nothing was trained. Errors: STATE_UNREADABLE. */
export const readPretraining = (folder: JobFolder<PretrainingOptions>) =>
  folder.readState<PretrainingState>(STATE, PRETRAINING_STATE);

/** @param basis what the state must be continued with: a hash of the texts and of the first weights */
export async function writePretraining(
  folder: JobFolder<PretrainingOptions>,
  state: PretrainingState,
  basis: string,
): Promise<void> {
  await folder.writeState(STATE, PRETRAINING_STATE, state, basis);
  const lines = state.history.map((line) => `${JSON.stringify(line)}\n`).join('');
  await folder.write(() => writeFileAtomically(folder.historyFile, lines));
}

const count = z.int().nonnegative();
const textLoss = z.object({ language: z.string(), natsPerToken: z.number(), natsPerCharacter: z.number() });
const line: z.ZodType<PretrainingLine> = z.object({
  ...{ step: count, tokens: count, trainLoss: z.number() },
  validation: z.array(textLoss),
});

const PRETRAINING_STATE: StateFormat<PretrainingState> = {
  read: (path) => readTrainingState(path, { score: z.never(), line }),
  write: writeTrainingState,
};
