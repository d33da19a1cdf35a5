import { readPeftPrompt } from '../artifact/read-prompt.js';
import { SoftpromptError } from '../errors.js';
import { readEmbeddingRows } from '../model/embedding-rows.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import { type Initialisation, initialPrompt } from '../tuning/initialise.js';
import type { FrozenModel } from './load-model.js';
import type { TextTask } from './text-task.js';
import { TUNE_DEFAULTS, type TuneOptions } from './tune-options.js';

/** The prompt [P, d] that a run starts from. */
export async function startPrompt(
  { model, compiled }: TextTask,
  { initialisation = TUNE_DEFAULTS.initialisation }: Pick<TuneOptions, 'initialisation'>,
  scale: number,
  seed: number,
): Promise<Float32Array> {
  const labelWords = [...compiled.labels.values()];
  return startTokens(model, compiled.starts, scale, seed, await parseInitialisation(initialisation), labelWords);
}

/** The learned tokens [P, d] of a template: the words it names, and the others as `initialisation` says. */
export async function startTokens(
  { checkpoint, tokenizer }: FrozenModel,
  starts: readonly LearnedStart[],
  scale: number,
  seed: number,
  initialisation: Initialisation = { kind: 'vocabulary' },
  labelWords: readonly string[] = [],
): Promise<Float32Array> {
  return initialPrompt({
    initialisation,
    fixedStarts: starts.map((start) => (start.kind === 'words' ? start.id : undefined)),
    labelWords,
    tokenizer,
    width: checkpoint.config.hiddenSize,
    scale,
    embed: (ids) => readEmbeddingRows(checkpoint, ids),
    seed,
  });
}

async function parseInitialisation(name: string): Promise<Initialisation> {
  if (name === 'vocabulary' || name === 'labels' || name === 'random') return { kind: name };
  if (name.startsWith('words:')) return { kind: 'words', text: name.slice('words:'.length) };
  if (name.startsWith('prompt:')) {
    const { embeddings } = await readPeftPrompt(name.slice('prompt:'.length));
    return { kind: 'prompt', prompt: embeddings.values };
  }
  throw new SoftpromptError('INITIALISATION', {
    found: `the initialisation '${name}'`,
    expected: 'vocabulary, labels, random, words:SOME WORDS, or prompt:FOLDER',
    fix: 'Choose one of these, or leave it out.',
  });
}
