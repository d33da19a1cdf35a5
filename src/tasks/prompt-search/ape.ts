import type { Example } from '../../data/example.js';
import type { Random } from '../../random.js';
import type { Ask } from './paid-calls.js';

/** Goes on with a text: so many different texts of at most so many tokens, drawn with this seed. */
export type Writer = (text: string, count: number, maxTokens: number, seed: number) => Promise<readonly string[]>;

export interface ApeOptions {
  readonly start: string;
  readonly write: Writer;
  readonly examples: readonly Example[];
  /** Label → word. */
  readonly labels: Readonly<Record<string, string>>;
  readonly population: number;
  readonly random: Random;
}

const SHOWN_EXAMPLES = 5;
const MOST_LETTERS = 300;
const MOST_TOKENS = 40;
const MOST_WORDS = 60;
/** Rounds in which nothing new was written, after which there is nothing to hope for. */
const PATIENCE = 20;

/**
 * APE (Zhou et al. 2023, "Large Language Models Are Human-Level Prompt Engineers"): a model writes instructions behind labelled
 * examples (forward generation, section 3.1), and then variations of the best ones (iterative Monte Carlo search, section 3.3).
 */
export async function ape(ask: Ask, options: ApeOptions): Promise<void> {
  const { start, write, examples, labels, population, random } = options;
  const [first] = await ask([{ words: start }]);
  let best = [{ words: start, loss: first!.loss }];
  const known = new Set([start]);
  let idle = 0;
  for (let round = 0; idle < PATIENCE; round++) {
    const vary = round % 2 === 1;
    const seed = random.uint32();
    const text = vary ? variation(best[random.integer(best.length)]!.words) : demonstrations(examples, labels, random);
    const written = (await write(text, population, MOST_TOKENS, seed)).map(instruction);
    const fresh = [...new Set(written)].filter((words) => words !== '' && !known.has(words));
    idle = fresh.length === 0 ? idle + 1 : 0;
    for (const words of fresh) known.add(words);
    const scored = await ask(fresh.map((words) => ({ words })));
    best = [...best, ...fresh.map((words, i) => ({ words, loss: scored[i]!.loss }))]
      .sort((a, b) => a.loss - b.loss)
      .slice(0, population);
  }
}

function demonstrations(examples: readonly Example[], labels: ApeOptions['labels'], random: Random): string {
  const shown = random.sample(examples.length, Math.min(SHOWN_EXAMPLES, examples.length)).map((place) => {
    const { fields, label } = examples[place]!;
    return `Input: ${Object.values(fields).join(' ').slice(0, MOST_LETTERS)}\nOutput:${spaced(labels[label!]!)}`;
  });
  return (
    'I gave a friend an instruction and some inputs. The friend read the instruction and wrote an output for every one of ' +
    `the inputs. Here are the input-output pairs:\n\n${shown.join('\n\n')}\n\nThe instruction was:`
  );
}

const spaced = (word: string) => (word.startsWith(' ') ? word : ` ${word}`);

const variation = (words: string) =>
  `Generate a variation of the following instruction while keeping the semantic meaning.\n\nInput: ${words}\n\nOutput:`;

/** The first line of what was written, without quotes; a few words at most. */
function instruction(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  const words = line.replace(/^["'“]+|["'”]+$/g, '').replace(/\s+/g, ' ');
  return words.split(' ').slice(0, MOST_WORDS).join(' ').trim();
}
