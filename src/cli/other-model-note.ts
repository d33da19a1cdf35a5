import { otherModelNotes } from '../tasks/open-prompt.js';
import type { Output } from './output.js';

/** Says when the model is not the one that the prompt was learned for. */
export function noteOtherModel(prompt: Parameters<typeof otherModelNotes>[0], output: Output): void {
  for (const text of otherModelNotes(prompt)) output.note(text);
}
