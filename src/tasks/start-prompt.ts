import { SoftpromptError } from '../errors.js';
import type { Initialisation } from '../methods/initialise.js';
import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import type { LearnedStart } from '../prompt/template-pieces.js';
import { readPeftPrompt } from './prompt-folder/read-prompt.js';
import type { Task } from './task.js';
import type { LearnPlan } from './tune-options.js';

/** The numbers that a run starts from, flat. */
export async function startPrompt(
  task: Pick<Task<never>, 'model' | 'method' | 'methodOptions' | 'trainable' | 'starts'>,
  { initialisation }: Pick<LearnPlan, 'initialisation'>,
  scale: number,
  seed: number,
  labelWords: readonly string[] = [],
): Promise<Float32Array> {
  const { model, method, methodOptions: options, starts } = task;
  const from = await parseInitialisation(initialisation ?? METHODS[method].starts[0]!, task);
  const request = { model, starts, initialisation: from, labelWords, scale, seed, options };
  const { start, encoder }: Method = METHODS[method];
  const made = encoder?.(starts.length, model.checkpoint.config, options);
  return made === undefined ? start(request) : made.start(request);
}

/** The learned tokens [P, d] of a soft prompt: the words that a template names, and the others as `initialisation` says. */
export function startTokens(
  model: FrozenModel,
  starts: readonly LearnedStart[],
  scale: number,
  seed: number,
  initialisation: Initialisation = { kind: 'vocabulary' },
): Promise<Float32Array> {
  return METHODS.soft.start({ model, starts, initialisation, labelWords: [], scale, seed, options: {} });
}

async function parseInitialisation(
  name: string,
  { method, trainable, model, methodOptions }: Parameters<typeof startPrompt>[0],
): Promise<Initialisation> {
  const { starts, tokens }: Method = METHODS[method];
  if (name.startsWith('prompt:')) {
    const folder = name.slice('prompt:'.length);
    const { learned } = await readPeftPrompt(folder);
    // lengths alone would not tell: 20 soft tokens can be as many numbers as one of a prefix
    const own =
      tokens === 'none' ? trainable : METHODS[method].trainable(learned.tokens, model.checkpoint.config, methodOptions);
    if (learned.method !== method || JSON.stringify(learned.arrays) !== JSON.stringify(own.arrays)) {
      throw new SoftpromptError('INITIALISATION', {
        found: `${folder} holds what was learned by the method ${learned.method}: ${shown(learned.arrays)}`,
        expected: `what the method ${method} learns on this model: ${shown(own.arrays)}`,
        fix: 'Start from what was learned in the same way (--method) for the same model.',
      });
    }
    return { kind: 'prompt', prompt: learned.values };
  }
  const kind = starts.find((start) => start === (name.startsWith('words:') ? 'words' : name));
  if (kind === 'words' && name.startsWith('words:')) return { kind, text: name.slice('words:'.length) };
  if (kind !== undefined && kind !== 'words') return { kind };
  const known = starts.map((start) => (start === 'words' ? 'words:SOME WORDS' : start));
  throw new SoftpromptError('INITIALISATION', {
    found: `the initialisation '${name}'`,
    expected: `${known.join(', ')}, or prompt:FOLDER, for the method ${method}`,
    fix: 'Choose one of these, or leave it out.',
  });
}

/** Arrays for people: the first of them, and how many others there are. */
function shown(arrays: Readonly<Record<string, readonly number[]>>): string {
  const [first, ...others] = Object.entries(arrays);
  if (first === undefined) return 'nothing';
  return `${first[0]} [${first[1].join(', ')}]${others.length === 0 ? '' : ` and ${others.length} more`}`;
}
