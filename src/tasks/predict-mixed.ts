import type { MixedNetwork, MixedPrompt } from '../network/mixed/mixed-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { sampleFields } from './made-rows/text-rows.js';
import { calibrated, type OpenPrompt, type Prediction, predictionsOf, predictSequences } from './open-prompt.js';
import { numbersOf } from './prompt-folder/saved-prompt.js';

/** A text of a prompt, encoded. */
export interface AskedText {
  readonly prompt: MixablePrompt;
  readonly sequence: PromptSequence;
}

/** A prompt of which texts can stand in one batch with those of others. */
export interface MixablePrompt {
  readonly open: OpenPrompt;
  readonly mixed: MixedPrompt;
}

export function mixablePrompt(open: OpenPrompt): MixablePrompt {
  const { compiled, trainable, maxLength } = open.task;
  const fields = sampleFields(compiled.template);
  const sample = compiled.encode({ id: 'sample', fields, label: undefined });
  const front = sample.context.slice(0, Math.min(compiled.sharedRows, sample.context.length - 1));
  return { open, mixed: { trainable, learned: numbersOf(open.saved), front, maxPositions: maxLength } };
}

/** The answers to texts of several prompts of one model, in their order; those that cannot be mixed go prompt by prompt. */
export async function predictMixed(network: MixedNetwork, batch: readonly AskedText[]): Promise<Prediction[]> {
  const answers = new Array<Prediction>(batch.length);
  const requestOf = ({ prompt, sequence }: AskedText) => ({ prompt: prompt.mixed, sequence });
  const places = [...batch.keys()];
  const together = places.filter(
    (place) => !batch[place]!.prompt.open.saved.bagOfWords && network.takes(requestOf(batch[place]!)),
  );
  const logits = together.length === 0 ? [] : await network.logits(together.map((place) => requestOf(batch[place]!)));
  for (const [i, place] of together.entries()) {
    const { open } = batch[place]!.prompt;
    const scores = calibrated(open.saved, { values: logits[i]!, classes: logits[i]!.length });
    [answers[place]] = predictionsOf(open, scores) as [Prediction];
  }
  const apart = new Map<MixablePrompt, number[]>();
  for (const place of places) {
    if (answers[place] === undefined) {
      const { prompt } = batch[place]!;
      apart.set(prompt, [...(apart.get(prompt) ?? []), place]);
    }
  }
  for (const [{ open }, own] of apart) {
    const found = await predictSequences(
      open,
      own.map((place) => batch[place]!.sequence),
    );
    for (const [i, place] of own.entries()) answers[place] = found[i]!;
  }
  return answers;
}
