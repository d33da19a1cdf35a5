import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pretrainModel, resumePretraining } from '../../src/pretraining/pretrain-model.js';
import { Random } from '../../src/random.js';
import { fitRecommender, resumeRecommender } from '../../src/recommend/fit-recommender.js';
import { learnProfile } from '../../src/recommend/learn-profile.js';
import { learnWordsPrompt, resumeWordsPrompt } from '../../src/recommend/titles/learn-words-prompt.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { madeUpText } from '../tasks/made-up-texts.js';
import { TINY_MODEL, wordRows, writeRows } from '../tasks/word-task.js';

/** Any event of any kind of run. */
export type RunEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

export interface RunHooks {
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
}

/** A kind of run as the contract asks of it: quick, in a world of files that `makeWorld` wrote. */
export interface RunKind {
  readonly name: string;
  start(world: string, out: string, more?: { readonly overwrite?: boolean }, hooks?: RunHooks): Promise<RunResult>;
  resume(out: string, hooks?: RunHooks): Promise<RunResult>;
  /** The command that does what `start` does, without `--out`. */
  command(world: string): readonly string[];
  /** An event in the middle of training, after the first of which a state is kept or can be. */
  readonly halfway: (event: RunEvent) => boolean;
  /** What must be the same bytes after an interruption. */
  readonly files: readonly string[];
  /** A file of the world that it learns from, and what it may say instead. */
  readonly input: string;
  readonly change: (content: string) => string;
  /** Whether what it needs to go on stays when it has ended. */
  readonly staysResumable: boolean;
}

/** Data of all kinds of runs: texts with labels, interactions, items, users, two languages. The same at every call. */
export function makeWorld(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
  cpSync(TINY_MODEL, join(folder, 'model'), { recursive: true });
  const rows = wordRows(140, 1);
  writeRows(join(folder, 'train.jsonl'), rows.slice(0, 100));
  writeRows(join(folder, 'valid.jsonl'), rows.slice(100));
  const random = new Random(5);
  const interactions = ['user_id,item_id,timestamp'];
  const users = ['user_id,gender'];
  for (let u = 0; u < 40; u++) {
    users.push(`u${u},${u % 3 === 0 ? 'F' : 'M'}`);
    const start = random.integer(12);
    for (let t = 0; t < 5 + random.integer(4); t++) interactions.push(`u${u},i${(start + t) % 12},${1000 + t}`);
  }
  write('interactions.csv', interactions);
  write('users.csv', users);
  write('items.csv', [
    'item_id,title',
    ...Array.from({ length: 12 }, (_, i) => `i${i},word ${String.fromCharCode(97 + i)}`),
  ]);
  writeFileSync(join(folder, 'en.txt'), madeUpText('en', 60, 1));
}

/** Interrupts after the first event that `when` accepts. */
export async function interruptedAt(
  run: (hooks: RunHooks) => Promise<RunResult>,
  when: (event: RunEvent) => boolean,
): Promise<RunResult> {
  const stop = new AbortController();
  return run({ signal: stop.signal, onEvent: (event) => void (when(event) && stop.abort()) });
}

/** Hooks that hear events of every kind are hooks of each. */
const heard = ({ onEvent, signal }: RunHooks = {}) => ({
  ...(signal && { signal }),
  ...(onEvent && { onEvent: (event: object) => onEvent(event as RunEvent) }),
});
const atStep = (step: number) => (event: RunEvent) => event.event === 'step' && event.step === step;
const ADAPTER = ['adapter_model.safetensors'];
const otherLabel = (content: string) =>
  content.replace(/"label":"(.)"/, (_, label) => `"label":"${label === '0' ? 1 : 0}"`);

const TUNING = { maxSteps: 12, evaluateEvery: 4, batchSize: 16, seed: 0, threads: 1 } as const;
const TUNING_FLAGS = [
  '--max-steps',
  '12',
  '--evaluate-every',
  '4',
  '--batch-size',
  '16',
  '--seed',
  '0',
  '--threads',
  '1',
];

const prompts: RunKind = {
  name: 'tune',
  start: (world, out, more, hooks) =>
    tunePrompt(
      {
        ...{ model: join(world, 'model'), train: join(world, 'train.jsonl'), valid: join(world, 'valid.jsonl'), out },
        ...{ template: '[soft:4]{text} so{label}', labels: { '0': 'x', '1': 'o' }, ...TUNING, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeTuning(out, heard(hooks)),
  command: (world) => [
    ...['tune', '--model', join(world, 'model'), '--train', join(world, 'train.jsonl')],
    ...['--valid', join(world, 'valid.jsonl'), '--template', '[soft:4]{text} so{label}'],
    ...['--labels', '{"0":"x","1":"o"}', ...TUNING_FLAGS],
  ],
  halfway: atStep(6),
  files: ADAPTER,
  input: 'train.jsonl',
  change: otherLabel,
  staysResumable: false,
};

const titles: RunKind = {
  name: 'tune-words',
  start: (world, out, more, hooks) =>
    learnWordsPrompt(
      {
        ...{
          model: join(world, 'model'),
          interactions: join(world, 'interactions.csv'),
          items: join(world, 'items.csv'),
        },
        ...{ out, template: '[soft:4]{history} {label}.', negatives: 3, maxSteps: 12, batchSize: 8 },
        ...{ learningRate: 0.1, seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeWordsPrompt(out, heard(hooks)),
  command: (world) => [
    ...['recommend', 'tune-words', '--model', join(world, 'model'), '--items', join(world, 'items.csv')],
    ...['--interactions', join(world, 'interactions.csv'), '--template', '[soft:4]{history} {label}.'],
    ...['--negatives', '3', '--max-steps', '12', '--batch-size', '8', '--lr', '0.1', '--seed', '0', '--threads', '1'],
  ],
  halfway: atStep(6),
  files: ADAPTER,
  input: 'items.csv',
  change: (content) => content.replace('word c', 'wordy c'),
  staysResumable: false,
};

const recommenders: RunKind = {
  name: 'fit',
  start: (world, out, more, hooks) =>
    fitRecommender(
      {
        ...{ interactions: join(world, 'interactions.csv'), out, threads: 1, seed: 0, ...more },
        network: { width: 8, layers: 1, maxLength: 8, batchSize: 16, epochs: 4, patience: 9, learningRate: 0.01 },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeRecommender(out, heard(hooks)),
  command: (world) => [
    ...['recommend', 'fit', '--interactions', join(world, 'interactions.csv'), '--width', '8', '--encoder-layers', '1'],
    ...['--max-history', '8', '--batch-size', '16', '--epochs', '4', '--patience', '9', '--lr', '0.01'],
    ...['--seed', '0', '--threads', '1'],
  ],
  halfway: ({ event, epoch }) => event === 'epoch' && epoch === 2,
  files: ['network.safetensors'],
  input: 'interactions.csv',
  change: (content) => content.replace(/,i1,/, ',i2,'),
  staysResumable: false,
};

const pretraining: RunKind = {
  name: 'pretrain',
  start: (world, out, more, hooks) =>
    pretrainModel(
      {
        ...{ data: [`en=${join(world, 'en.txt')}`], out, vocabulary: 300, width: 16, layers: 1, heads: 2, context: 40 },
        ...{ length: 32, batchTokens: 128, maxSteps: 12, evaluateEvery: 4, validShare: 0.1, threads: 1, seed: 0 },
        ...more,
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumePretraining(out, heard(hooks)),
  command: (world) => [
    ...['pretrain', '--data', `en=${join(world, 'en.txt')}`, '--vocabulary', '300', '--width', '16', '--layers', '1'],
    ...['--heads', '2', '--context', '40', '--length', '32', '--batch-tokens', '128', '--max-steps', '12'],
    ...['--evaluate-every', '4', '--valid-share', '0.1', '--threads', '1', '--seed', '0'],
  ],
  halfway: atStep(6),
  files: ['model.safetensors', 'history.jsonl'],
  input: 'en.txt',
  change: (content) => content.replace('cat', 'cow'),
  staysResumable: true,
};

const profiles: RunKind = {
  name: 'profile',
  start: (world, out, more, hooks) =>
    learnProfile(
      {
        ...{ interactions: join(world, 'interactions.csv'), items: join(world, 'items.csv') },
        ...{ users: join(world, 'users.csv'), attribute: 'gender', maxItems: 3 },
        ...{ template: '[soft:4]{history|keep=end} so{label}', labels: { F: 'x', M: 'o' } },
        tuning: { model: join(world, 'model'), out, ...TUNING, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeTuning(out, heard(hooks)),
  command: (world) => [
    ...['recommend', 'profile', '--model', join(world, 'model'), '--items', join(world, 'items.csv')],
    ...['--interactions', join(world, 'interactions.csv'), '--users', join(world, 'users.csv')],
    ...['--attribute', 'gender', '--max-items', '3', '--template', '[soft:4]{history|keep=end} so{label}'],
    ...['--labels', '{"F":"x","M":"o"}', ...TUNING_FLAGS],
  ],
  halfway: atStep(6),
  files: [...ADAPTER, 'profile.json'],
  // a profile goes on from the examples in its folder
  input: '',
  change: (content) => content.replace('word a', 'word b'),
  staysResumable: false,
};

export const RUN_KINDS: readonly RunKind[] = [prompts, titles, recommenders, pretraining, profiles];

/** Changes what a run learns from; returns a call that restores it. */
export function changeInput({ input, change }: RunKind, world: string, out: string): () => void {
  const path = input === '' ? join(out, 'examples', 'train.jsonl') : join(world, input);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path} stays as it was`);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}
