import { SoftpromptError } from '../errors.js';
import { type Initialisation, initialPrompt, startIds } from '../methods/initialise.js';
import { METHODS, type Method } from '../methods/method.js';
import { readEmbeddingRows } from '../network/checkpoint/embedding-rows.js';
import { keyValues } from '../network/key-values.js';
import type { FrozenModel } from '../network/load-model.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import { Random } from '../random.js';
import { readPeftPrompt } from './prompt-folder/read-prompt.js';
import type { TextTask } from './text-task.js';
import type { LearnPlan } from './tune-options.js';

/** The prompt [P, d] that a run starts from. */
export async function startPrompt(
  { model, method, compiled }: TextTask,
  { initialisation }: Pick<LearnPlan, 'initialisation'>,
  scale: number,
  seed: number,
): Promise<Float32Array> {
  const labelWords = [...compiled.labels.values()];
  const from = await parseInitialisation(initialisation, method, method.width(model.checkpoint.config));
  return startTokens(model, compiled.starts, scale, seed, from, labelWords, method);
}

/**
 * The learned tokens [P, d] of a template: the words it names, and the others as `initialisation` says. Words are their
 * embeddings, or the keys and values that the model computes for them as a text, where the method learns those.
 */
export async function startTokens(
  { checkpoint, tokenizer }: FrozenModel,
  starts: readonly LearnedStart[],
  scale: number,
  seed: number,
  initialisation: Initialisation = { kind: 'vocabulary' },
  labelWords: readonly string[] = [],
  method: Method = METHODS.soft,
): Promise<Float32Array> {
  if (!method.inRows && isText(initialisation)) {
    const free = starts.filter(({ kind }) => kind === 'free').length;
    const drawn = startIds(free, initialisation, { tokenizer, labelWords }, new Random(seed));
    return keyValues(
      checkpoint,
      starts.map((start) => (start.kind === 'words' ? start.id : drawn.shift()!)),
    );
  }
  return initialPrompt({
    initialisation,
    fixedStarts: starts.map((start) => (start.kind === 'words' ? start.id : undefined)),
    labelWords,
    tokenizer,
    width: method.width(checkpoint.config),
    scale,
    embed: (ids) => readEmbeddingRows(checkpoint, ids),
    seed,
  });
}

type TextStart = Parameters<typeof startIds>[1];

const isText = (from: Initialisation): from is TextStart =>
  from.kind === 'vocabulary' || from.kind === 'words' || from.kind === 'labels';

/** @param width numbers of a learned token of the method */
async function parseInitialisation(name: string, method: Method, width: number): Promise<Initialisation> {
  if (name === 'vocabulary' || name === 'labels' || name === 'random' || name === 'zero') return { kind: name };
  if (name.startsWith('words:')) return { kind: 'words', text: name.slice('words:'.length) };
  if (name.startsWith('prompt:')) {
    const folder = name.slice('prompt:'.length);
    const { method: learned, embeddings } = await readPeftPrompt(folder);
    // lengths alone would not tell: 20 soft tokens can be as many numbers as one of a prefix
    if (learned !== method.name || embeddings.width !== width) {
      throw new SoftpromptError('INITIALISATION', {
        found: `${folder} holds learned tokens of the method ${learned}, ${embeddings.width} numbers each`,
        expected: `tokens of the method ${method.name}, ${width} numbers each`,
        fix: 'Start from a prompt that was learned in the same way (--method) for the same model.',
      });
    }
    return { kind: 'prompt', prompt: embeddings.values };
  }
  throw new SoftpromptError('INITIALISATION', {
    found: `the initialisation '${name}'`,
    expected: 'vocabulary, labels, random, zero, words:SOME WORDS, or prompt:FOLDER',
    fix: 'Choose one of these, or leave it out.',
  });
}
