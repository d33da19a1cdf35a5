import { checkOptions, type OptionRule } from '../check-options.js';
import { SoftpromptError } from '../errors.js';
import { choice, count, list, positive, shareBelowOne, toggle } from '../options/kind.js';
import { declareOptions, type Given } from '../options/option.js';

const names = list(
  '<names>',
  'names, separated by commas',
  { holds: (name) => typeof name === 'string' && name !== '', json: { type: 'string' } },
  (text) => text.split(',').map((name) => name.trim()),
);

/** Everything that can be said of what a method learns; each method has some of these, and its own defaults. */
export const METHOD_OPTIONS = declareOptions({
  rank: { kind: count(), about: 'of lora: r, the rank of the updates', auto: '8' },
  alpha: { kind: positive('<x>'), about: 'of lora: α, updates count α/r', auto: '8' },
  rslora: { kind: toggle, about: 'of lora: updates count α/√r (Kalajdzievski 2023)' },
  dropout: {
    kind: shareBelowOne,
    about: 'of lora: share of what enters the updates that training leaves out',
    auto: '0',
  },
  targetModules: {
    kind: names,
    about:
      'of lora and ia3: the linear layers that are changed, by their names or the ends of these, such as q_proj,v_proj',
    auto: "PEFT's for the family",
  },
  encoder: {
    kind: choice('<kind>', ['mlp', 'lstm']),
    about: 'of p-tuning: what makes the learned tokens',
    auto: 'mlp',
  },
  encoderSize: {
    kind: count(),
    about: 'of p-tuning and of a projected prefix: the width inside the encoder',
    auto: "the model's",
  },
  encoderLayers: { kind: count(16), about: 'of p-tuning with an LSTM: its layers', auto: '2' },
  projection: { kind: toggle, about: 'of prefix: a perceptron makes it while it is trained (Li & Liang 2021, 4.3)' },
  radius: {
    kind: positive('<x>'),
    about: "of cpt: how far a token may leave its word, in PEFT's unit, √(width / 2048)",
    auto: '1',
  },
  bottleneck: { kind: count(), about: 'of adapter: the width inside', auto: '16' },
  classes: { kind: count(), about: 'of head: how many labels there are', flag: null },
});

/** Plain JSON. */
export type MethodOptions = Given<typeof METHOD_OPTIONS>;

/** Those that are there, of options that say other things too. */
export function pickMethodOptions(options: MethodOptions): MethodOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name in METHOD_OPTIONS && value !== undefined),
  );
}

/** What is wrong with settings of a method, told by their names. @throws TUNING_SETTING */
export function checkMethodOptions(rules: readonly OptionRule[]): void {
  checkOptions(rules, 'TUNING_SETTING');
}

/** Refuses settings that a method does not have. @throws TUNING_SETTING */
export function only<K extends keyof MethodOptions>(
  method: string,
  known: readonly K[],
  options: MethodOptions,
): Pick<MethodOptions, K> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const foreign = given.find(([name]) => !(known as readonly string[]).includes(name));
  if (foreign !== undefined) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `The setting ${foreign[0]} of the method ${method}`,
      expected: known.length === 0 ? 'no such settings: it has none' : `of these: ${known.join(', ')}`,
      fix: 'Leave it out, or choose another method (--method).',
    });
  }
  return Object.fromEntries(given) as Pick<MethodOptions, K>;
}
