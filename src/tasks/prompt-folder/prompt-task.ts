import { SoftpromptError } from '../../errors.js';
import { softpromptCommand } from '../../shell-command.js';
import type { SavedPrompt } from './saved-prompt.js';

/** @throws PROMPT_TASK where a prompt was learned for something else */
export function requireTask({ task }: Pick<SavedPrompt, 'task'>, wanted: SavedPrompt['task'], folder: string): void {
  if (task === wanted) return;
  throw new SoftpromptError('PROMPT_TASK', {
    found: `${folder} holds a prompt for ${NAMES[task]}`,
    expected: `one for ${NAMES[wanted]}`,
    fix:
      task === 'titles'
        ? `Use it with \`${softpromptCommand('recommend', 'words', '--prompt', folder)}\`.`
        : `Use it with \`${softpromptCommand('predict', folder)}\`, evaluate or inspect.`,
  });
}

const NAMES = { classification: 'classifying texts', titles: "ranking items' titles" } as const;
