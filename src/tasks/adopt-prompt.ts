import { SoftpromptError } from '../errors.js';
import type { FrozenModel } from '../network/load-model.js';
import { settle } from '../options/settle.js';
import { closable } from '../runtime/closable.js';
import type { OpenPrompt } from './open-prompt.js';
import { matchBaseModel } from './prompt-folder/base-model-match.js';
import { readPeftPrompt } from './prompt-folder/read-prompt.js';
import { savedPrompt } from './saved-prompt.js';
import { textTask } from './text-task.js';
import { LEARN, type LearnOptions } from './tune-options.js';

/**
 * What PEFT saved for a model, as a prompt: its folder holds numbers alone, template and labels are said here.
 * Errors: those of readPeftPrompt and textTask, PROMPT_BASE_MODEL; PROMPT_TENSOR_INVALID where the template has more or
 * fewer learned tokens.
 */
export async function adoptPeftPrompt(folder: string, model: FrozenModel, options: LearnOptions): Promise<OpenPrompt> {
  const { learned } = await readPeftPrompt(folder);
  const match = matchBaseModel({ learned, baseModel: undefined }, model.checkpoint);
  const plan = settle(LEARN, options, 'TUNING_SETTING');
  const task = textTask(model, { ...plan, ...learned.options, method: learned.method, answering: true });
  if (task.starts.length !== learned.tokens) {
    throw new SoftpromptError('PROMPT_TENSOR_INVALID', {
      found: `${folder} holds ${learned.tokens} learned tokens, and the template has ${task.starts.length}`,
      expected: 'as many in the template',
      fix:
        learned.tokens === 0
          ? 'Leave out [soft:…]: nothing stands there.'
          : `Write [soft:${learned.tokens}] where they belong.`,
    });
  }
  const { maxLength } = task;
  const numbers = { prompt: learned.values, initial: learned.values };
  const adopted = savedPrompt(task, { ...numbers, tuning: { maxLength }, metrics: [] });
  const saved = { ...adopted, initial: undefined, initialTokens: undefined };
  return { saved, task, match, ...closable(() => task.network.release()) };
}
