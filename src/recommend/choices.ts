import { isWorthKeeping, type PairedGain } from '../evaluation/paired-gain.js';

/**
 * What a fit chooses by itself: `idsAlone`, the network without the texts in the place of the one with them; `userTokens`;
 * `ease`, `easeTexts` and `itemKnn`, mixed in, each in the place of those before it where one of them was kept; `likeness` of
 * texts to the latest items'; `trend`, what is popular lately, of splits by time; `borrowedVotes`; `wordVotes`, what `easeTexts`
 * says for items that nobody met, beside these.
 */
export const CHOICES = [
  'idsAlone',
  'userTokens',
  'ease',
  'easeTexts',
  'itemKnn',
  'likeness',
  'trend',
  'borrowedVotes',
  'wordVotes',
] as const;
export type ChoiceName = (typeof CHOICES)[number];

/** What was tried beside what there was, and whether it took its place: only where it gained more than its standard error. */
export interface Choice extends PairedGain {
  readonly choice: ChoiceName;
  readonly kept: boolean;
}

interface ChoiceHooks {
  readonly onEvent?: ((event: { readonly event: 'choice' } & Choice) => void) | undefined;
}

/** Decides, adds the decision to the list, and tells it. @param gain in NDCG@10 of validation */
export function choose(choices: Choice[], choice: ChoiceName, gain: PairedGain, hooks: ChoiceHooks): boolean {
  const kept = isWorthKeeping(gain);
  const made: Choice = { choice, kept, ...gain };
  choices.push(made);
  hooks.onEvent?.({ event: 'choice', ...made });
  return kept;
}
