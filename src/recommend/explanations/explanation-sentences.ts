import { wordsOf } from './find-features.js';

/** A sentence that explains, and what it speaks of. */
export interface ExplainingSentence {
  readonly text: string;
  /** The features that it names, in their order. */
  readonly features: readonly string[];
}

const WORDS = { least: 4, most: 25 };
const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** The sentences of a text; a full stop without a space behind it ends one too. */
export function sentencesOf(text: string): string[] {
  const spaced = text.replace(/\s+/gu, ' ').replace(/(?<=\p{Ll})([.!?])(?=\p{Lu}[\p{Ll}\s’'])/gu, '$1 ');
  return Array.from(segmenter.segment(spaced), ({ segment }) => segment.trim()).filter((sentence) => sentence !== '');
}

/** Features that a text names, in the order of the text, each once. */
export function featuresIn(text: string, features: ReadonlySet<string>): string[] {
  const words = wordsOf(text);
  const found = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    for (const length of [2, 1]) {
      const name = words.slice(i, i + length).join(' ');
      if (!features.has(name)) continue;
      found.add(name);
      i += length - 1;
      break;
    }
  }
  return [...found];
}

/**
 * What of a review explains: its first sentence of 4 to 25 words that names a feature (the one given, if one is). Undefined where
 * there is none. Texts without spaces are counted by their characters.
 * @param whole whether the text is one explanation as it is
 */
export function explainingSentence(
  text: string,
  features: ReadonlySet<string>,
  { whole, feature }: { readonly whole: boolean; readonly feature?: string | undefined },
): ExplainingSentence | undefined {
  const named = (sentence: string) => ({ text: sentence, features: featuresIn(sentence, features) });
  const candidates = (whole ? [text.replace(/\s+/gu, ' ').trim()] : sentencesOf(text).filter(fits)).map(named);
  if (whole || features.size === 0) return candidates[0]?.text ? candidates[0] : undefined;
  const own = feature && candidates.find((candidate) => candidate.features.includes(feature));
  return own || candidates.find((candidate) => candidate.features.length > 0);
}

function fits(sentence: string): boolean {
  const spaced = sentence.split(' ').length;
  const length = spaced === 1 ? Math.ceil([...sentence].length / 2) : spaced;
  return length >= WORDS.least && length <= WORDS.most;
}
