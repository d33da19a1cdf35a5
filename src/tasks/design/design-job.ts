import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPromptFolder } from '../prompt-folder/write-prompt.js';
import { taskPaths } from '../task-paths.js';
import { DESIGN, type DesignOptions } from './design-options.js';

export const DESIGN_FILE = 'design.json';

/** A design of a prompt: what was compared stands in its file, and the same call goes on behind it. */
export const DESIGN_JOB: JobKind<DesignOptions & { readonly out: string }> = {
  name: 'design',
  command: 'design',
  noun: 'run',
  product: 'prompt',
  productFile: DESIGN_FILE,
  endedAs: 'a design that has ended',
  record: 'run.json',
  format: 'softprompt design 1',
  schema: optionsRecord({ ...DESIGN, out: { ...DESIGN.out, required: 'a folder for the prompt' } }),
  withPaths: taskPaths,
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};
