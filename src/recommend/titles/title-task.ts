import { softPrompt } from '../../methods/soft-prompt.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { requireOneStack } from '../../network/frozen-network.js';
import type { FrozenModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { compileOpenTemplate, type OpenTemplate } from '../../prompt/compile-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { Template } from '../../prompt/template.js';
import { placementOf } from '../../tasks/prompt-folder/placement.js';
import { candidateScoring, type Task } from '../../tasks/task.js';
import { encodeTitle } from './fitting-title.js';
import { historyContext } from './history-context.js';
import { HISTORY } from './words-template.js';

/** A history of titles, the oldest first, and titles that may come next, of which the first did. */
export interface TitleCase {
  readonly history: readonly string[];
  readonly candidates: readonly string[];
  /** [candidates] a recommender's scores, which what the titles say is added to. */
  readonly scores?: Float64Array | undefined;
}

export interface TitleTaskOptions {
  /** C: candidates of each case. */
  readonly candidates: number;
  readonly maxLength: number;
  readonly threads?: number | undefined;
}

/** Which title comes next, behind a template with {history}: its share among the candidates, as a sampled softmax. */
export function titleTask(
  model: FrozenModel,
  template: Template,
  { candidates, maxLength: longest, threads }: TitleTaskOptions,
): Task<TitleCase> & { readonly maxLength: number } {
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
    ...{ model, method: 'soft', methodOptions: {}, trainable, network, maxLength, starts: open.starts },
    encode: titleEncoder(open, maxLength),
    ...candidateScoring(network, candidates),
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

/** Cases to sequences; titles that were met before are not encoded again. */
export function titleEncoder(open: OpenTemplate, maxLength: number): (given: TitleCase) => PromptSequence {
  const known = new Map<string, Int32Array>();
  const idsOf = (title: string) => {
    const ids = known.get(title) ?? encodeTitle(open, title, maxLength);
    known.set(title, ids);
    return ids;
  };
  return ({ history, candidates: titles }) => {
    const candidates = titles.map(idsOf);
    const longest = candidates.reduce((most, { length }) => Math.max(most, length), 0);
    return { context: historyContext(open, history, longest).ids, candidates, target: 0 };
  };
}
