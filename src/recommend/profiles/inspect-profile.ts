import { logProbabilities } from '../../evaluation/label-scores.js';
import { madePlaces, placeName } from '../../prompt/made-places.js';
import { type Prediction, predictionsOf, scoreWithPrompt } from '../../tasks/open-prompt.js';
import { numbersOf } from '../../tasks/prompt-folder/saved-prompt.js';
import { formatMadeRows, type MadeRowWords, madeRowWords } from '../made-rows/made-row-words.js';
import { type OpenProfile, profileFields } from '../predict-profile.js';

/** A look at the prompt that was made for somebody. */
export interface ProfileInspection {
  readonly prediction: Prediction;
  readonly rows: readonly MadeRowWords[];
  /** How far the log odds of the answer fall where a source tells nothing. */
  readonly because: Readonly<Record<string, number>>;
}

/** @throws RECOMMEND_REQUEST */
export async function inspectProfile(
  open: OpenProfile,
  history: readonly string[],
  { words = 5, threads }: { readonly words?: number | undefined; readonly threads?: number | undefined } = {},
): Promise<ProfileInspection> {
  const { task, saved } = open;
  const sequence = task.compiled.encode({ id: 'history', fields: profileFields(open, history), label: undefined });
  const { given = [] } = sequence;
  const places = madePlaces(task.compiled.template);
  const without = places.map((_, blank) => ({
    ...sequence,
    given: given.map((vector, place) => (place === blank ? new Float32Array(vector.length) : vector)),
  }));
  const scores = await scoreWithPrompt(open, [sequence, ...without]);
  const [prediction] = predictionsOf(open, scores);
  const answer = task.labelKeys.indexOf(prediction!.label);
  const logs = logProbabilities(scores);
  const logOdds = (row: number) => {
    const share = Math.exp(logs[row * scores.classes + answer]!);
    return Math.log(share / (1 - share));
  };
  return {
    prediction: prediction!,
    rows: await madeRowWords({ ...task, learned: numbersOf(saved), given }, words, threads),
    because: Object.fromEntries(places.map((place, i) => [placeName(place), logOdds(0) - logOdds(i + 1)])),
  };
}

/** For a terminal. */
export function formatProfileInspection({ prediction, rows, because }: ProfileInspection): string {
  const { label, probabilities } = prediction;
  const sources = Object.entries(because).map(([name, odds]) => `${name} ${odds >= 0 ? '+' : ''}${odds.toFixed(2)}`);
  return [
    `${label} ${(100 * probabilities[label]!).toFixed(1)} %; with what a source tells the log odds change by ${sources.join(', ')}`,
    ...formatMadeRows(rows),
  ].join('\n');
}
