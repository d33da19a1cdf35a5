import { SoftpromptError } from '../../errors.js';
import { softpromptCommand } from '../../shell-command.js';
import type { SavedPrompt } from './saved-prompt.js';

/** @throws PROMPT_TASK where a prompt was learned for something else */
export function requireTask({ task }: Pick<SavedPrompt, 'task'>, wanted: SavedPrompt['task'], folder: string): void {
  if (task === wanted) return;
  throw new SoftpromptError('PROMPT_TASK', {
    found: `${folder} holds a prompt for ${NAMES[task]}`,
    expected: `one for ${NAMES[wanted]}`,
    fix: USES[task](folder),
  });
}

const NAMES = {
  classification: 'classifying texts',
  titles: "ranking items' titles",
  generation: 'generating texts',
} as const;

const USES = {
  classification: (folder: string) => `Use it with \`${softpromptCommand('predict', folder)}\`, evaluate or inspect.`,
  titles: (folder: string) => `Use it with \`${softpromptCommand('recommend', 'words', '--prompt', folder)}\`.`,
  generation: (folder: string) => `Use it with \`${softpromptCommand('generate', folder)}\`, or evaluate.`,
} as const;
