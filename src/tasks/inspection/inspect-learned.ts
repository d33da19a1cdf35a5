import { METHODS } from '../../methods/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { type ChangesInspection, formatChanges, inspectChanges } from './inspect-changes.js';
import { formatInspection, formatPrefix } from './inspect-format.js';
import { inspectPrefix, type PrefixInspection } from './inspect-prefix.js';
import { type InspectOptions, inspectPrompt, type PromptInspection } from './inspect-prompt.js';

/** What can be read off what was learned: words near learned tokens, or where the model is changed. */
export type LearnedInspection = PromptInspection | PrefixInspection | ChangesInspection;

export async function inspectLearned(
  saved: SavedPrompt,
  model: FrozenModel,
  options: InspectOptions = {},
): Promise<LearnedInspection> {
  switch (METHODS[saved.learned.method].tokens) {
    case 'rows':
      return inspectPrompt(saved, model, options);
    case 'front':
      return inspectPrefix(saved);
    case 'none':
      return inspectChanges(saved);
  }
}

/** The same for a terminal. */
export function formatLearned(inspection: LearnedInspection): string {
  if ('changes' in inspection) return formatChanges(inspection);
  return 'layers' in inspection ? formatPrefix(inspection) : formatInspection(inspection);
}
