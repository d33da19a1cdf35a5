/** Words after which a noun may stand. */
const BEFORE = /^(?:the|a|an|this|these|those|its|my|your|their|his|her|our|no|any|some|each|another)$/;
/** Words, and marks, that may stand behind one. */
const BEHIND =
  /^(?:is|are|was|were|and|or|but|for|of|on|in|with|to|at|that|which|has|have|had|will|does|do|can|from|when|as|because|than|[.,!?;:])$/;
/** Nouns that are said of anything. */
const OF_ANYTHING = new RegExp(
  `^(?:${[
    /times?|ways?|products?|things?|back|lot|set|job|ends?|perfect|couple|problems?|reviews?|sides?|differences?|others?|longer/,
    /facts?|kinds?|stuff|points?|days?|types?|must|needs?|items?|pieces?|rest|ideas?|sorts?|weeks?|months?|years?|future/,
    /persons?|guys?|people|folks|world|chance|bunch|ones?|bit|money|purchases?|reasons?|questions?|answers?|opinions?/,
    /experience|fun|choices?|hands?|fan|ton|word|heck|mistakes?|pair|numbers?|purposes?|simple|fantastic|ideal|same|safe/,
    /nicer|smoother|brighter|present|obvious|fancy|desired|results?|options?|whole|first|last|best|most|only|company/,
    /situations?|cases?|amazon|everyone|anyone|something|anything|nothing|everything/,
  ]
    .map(({ source }) => source)
    .join('|')})$`,
);

const TOKEN = /[\p{L}]+(?:['’-][\p{L}]+)*|\p{N}+|[.,!?;:]/gu;
const SHORTEST = 3;
/** Texts that a feature occurs in: at least so many, and at least this share of all. */
const FEWEST_TEXTS = 4;
const LEAST_SHARE = 0.001;
/** Shares of a noun's occurrences that stand behind an article, and in front of what may follow a noun. */
const NOUN = { before: 0.2, behind: 0.5 };
const MOST_FEATURES = 400;

/** Words and marks of a text in lower case. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(TOKEN) ?? [];

/**
 * What texts of one kind of things speak of (price, strings, tone …): words that stand where nouns do, by counting, the most
 * frequent first. For languages with articles; there may be none.
 */
export function findFeatures(texts: Iterable<string>): string[] {
  const counts = new Map<string, { all: number; before: number; behind: number; texts: number; last: number }>();
  let number = 0;
  for (const text of texts) {
    number++;
    const words = wordsOf(text);
    words.forEach((word, i) => {
      if (word.length < SHORTEST || OF_ANYTHING.test(word) || BEFORE.test(word) || BEHIND.test(word)) return;
      const count = counts.get(word) ?? { all: 0, before: 0, behind: 0, texts: 0, last: 0 };
      counts.set(word, count);
      count.all++;
      if (i > 0 && BEFORE.test(words[i - 1]!)) count.before++;
      if (i === words.length - 1 || BEHIND.test(words[i + 1]!)) count.behind++;
      if (count.last !== number) count.texts++;
      count.last = number;
    });
  }
  const fewest = Math.max(FEWEST_TEXTS, LEAST_SHARE * number);
  return [...counts]
    .filter(
      ([, { all, before, behind, texts: found }]) =>
        found >= fewest && before >= NOUN.before * all && behind >= NOUN.behind * all,
    )
    .sort(([a, x], [b, y]) => y.texts - x.texts || (a < b ? -1 : 1))
    .slice(0, MOST_FEATURES)
    .map(([word]) => word);
}
