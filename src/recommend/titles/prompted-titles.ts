import { softPrompt } from '../../methods/soft-prompt.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { requireOneStack } from '../../network/frozen-network.js';
import type { FrozenModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { compileOpenTemplate, type OpenTemplate } from '../../prompt/compile-template.js';
import type { Template } from '../../prompt/template.js';
import { placementOf } from '../../tasks/prompt-folder/placement.js';
import type { Task } from '../../tasks/task.js';
import { HISTORY } from './words-template.js';

export interface PromptedTitlesOptions {
  /** Longest history with its title, in tokens. */
  readonly maxLength: number;
  readonly threads?: number | undefined;
}

/** What a task of titles is before it says what is learned of them. */
export type PromptedTitles = Omit<Task<never>, 'encode' | 'score' | 'validate'> & {
  readonly maxLength: number;
  readonly open: OpenTemplate;
};

/** A frozen model behind a template with {history}, whose learned tokens are to be found. */
export function promptedTitles(
  model: FrozenModel,
  template: Template,
  { maxLength: longest, threads }: PromptedTitlesOptions,
): PromptedTitles {
  const { config } = model.checkpoint;
  const maxLength = Math.min(longest, config.maxPositions);
  requireOneStack(model.checkpoint, 'to score titles');
  const open = compileOpenTemplate(template, { tokenizer: model.tokenizer, maxLength });
  const trainable = softPrompt(open.learnedTokens, embeddingWidth(config));
  const network = promptNetwork(model.checkpoint, {
    loss: 'labels',
    trainable,
    sharedRows: open.sharedRows,
    maxPositions: maxLength,
    threads,
  });
  return {
    ...{ model, method: 'soft', methodOptions: {}, trainable, network, maxLength, open, starts: open.starts },
    record: () => {
      const sample = { id: 'sample', fields: { [HISTORY]: 'a' }, label: undefined };
      const context = open.encodeContext(sample, 0).ids;
      return {
        task: 'titles',
        template: template.source,
        placement: placementOf({ context, candidates: [], target: undefined }, open.learnedTokens),
        labels: new Map(),
      };
    },
  };
}
