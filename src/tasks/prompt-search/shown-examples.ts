import type { Random } from '../../random.js';
import type { Ask } from './paid-calls.js';

export interface ShownExamplesOptions {
  /** [N] labels of the training examples. */
  readonly labels: readonly string[];
  /** Examples as the words of a prompt. @param places of training examples, in their order */
  readonly write: (places: readonly number[]) => string;
  /** Whether words leave room for what is asked. */
  readonly fits: (words: string) => boolean;
  /** Examples shown at most. */
  readonly most: number;
  /** Candidates a round. */
  readonly population: number;
  readonly random: Random;
}

/** The best ones that are gone on from. */
const KEPT = 4;
/** Proposals that are looked at for each that is asked for: many may be known. */
const TRIES = 20;

/**
 * Which labelled examples are shown in front, and in which order: what a model learns in context differs much between them (Lu et al.
 * 2022, "Fantastically Ordered Prompts"; Zhang et al. 2022, "Active Example Selection for In-Context Learning"). Begins with one of each
 * label, drawn; then each round changes one of the best: another example of the same label, another order, one more, one less.
 * An example that is shown does not count in the loss. Runs until the calls are spent, or nothing new is found to ask for.
 */
export async function shownExamples(ask: Ask, options: ShownExamplesOptions): Promise<void> {
  const { write, fits, population, random } = options;
  const known = new Set<string>();
  let best: { readonly places: readonly number[]; readonly loss: number }[] = [];
  for (;;) {
    const proposals: { readonly places: readonly number[]; readonly words: string }[] = [];
    for (let tries = TRIES * population; tries > 0 && proposals.length < population; tries--) {
      const from = best.length < KEPT ? undefined : best[random.integer(best.length)]!.places;
      const places = from === undefined ? drawn(options) : edited(from, options);
      const words = write(places);
      if (places.length === 0 || known.has(words) || !fits(words)) continue;
      known.add(words);
      proposals.push({ places, words });
    }
    if (proposals.length === 0) return;
    const scored = await ask(proposals.map(({ places, words }) => ({ words, without: places })));
    best = [...best, ...proposals.map(({ places }, i) => ({ places, loss: scored[i]!.loss }))]
      .sort((a, b) => a.loss - b.loss)
      .slice(0, KEPT);
  }
}

/** One of each label, in any order; fewer where there is no room. */
function drawn({ labels, write, fits, most, random }: ShownExamplesOptions): readonly number[] {
  const all = random.shuffle([...labels.keys()]);
  const places = all
    .filter((place, i) => all.findIndex((other) => labels[other] === labels[place]) === i)
    .slice(0, most);
  while (places.length > 1 && !fits(write(places))) places.pop();
  return places;
}

function edited(places: readonly number[], { labels, most, random }: ShownExamplesOptions): readonly number[] {
  const copy = [...places];
  const others = [...labels.keys()].filter((place) => !places.includes(place));
  const edits = ['change', ...(copy.length > 1 ? ['swap', 'drop'] : []), ...(copy.length < most ? ['add'] : [])];
  const at = random.integer(copy.length);
  switch (edits[random.integer(edits.length)]) {
    case 'swap': {
      const other = random.integer(copy.length);
      [copy[at], copy[other]] = [copy[other]!, copy[at]!];
      return copy;
    }
    case 'drop':
      copy.splice(at, 1);
      return copy;
    case 'add': {
      const shown = (label: string) => places.filter((place) => labels[place] === label).length;
      const least = Math.min(...others.map((place) => shown(labels[place]!)));
      const rare = others.filter((place) => shown(labels[place]!) === least);
      if (rare.length > 0) copy.splice(random.integer(copy.length + 1), 0, rare[random.integer(rare.length)]!);
      return copy;
    }
    default: {
      const alike = others.filter((place) => labels[place] === labels[copy[at]!]);
      if (alike.length > 0) copy[at] = alike[random.integer(alike.length)]!;
      return copy;
    }
  }
}
