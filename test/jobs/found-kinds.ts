import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareMethods, resumeComparison } from '../../src/tasks/comparison/compare-methods.js';
import { designPrompt, resumeDesign } from '../../src/tasks/design/design-prompt.js';
import { resumeSearch, searchPrompt } from '../../src/tasks/prompt-search/search-prompt.js';
import { resumeShortening, shortenPrompt } from '../../src/tasks/shorten/shorten-prompt.js';
import { resumeTransfer, transferPrompts } from '../../src/tasks/transfer/transfer-prompts.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { makeWorld, type RunEvent, type RunHooks, type RunResult } from './runs.js';

/** A job that is made of many small parts, each kept when it has ended; the same call goes on as `resume` does. */
export interface FoundKind {
  readonly name: string;
  start(world: string, out: string, more?: { readonly overwrite?: boolean }, hooks?: RunHooks): Promise<RunResult>;
  resume(out: string, hooks?: RunHooks): Promise<RunResult>;
  /** The command that does what `start` does, without `--out`. */
  command(world: string): readonly string[];
  /** An event behind which something is kept. */
  readonly halfway: (event: RunEvent) => boolean;
  /** What must be the same after an interruption: of files with times in them what has none. */
  result(out: string): unknown;
  /** Events that must not come again when it goes on; undefined where what was done is told once more. */
  readonly part: string | undefined;
}

/** Words and labels of the examples, a long prompt and two sets, beside what other runs learn from. */
export async function makeFoundWorld(folder: string): Promise<void> {
  makeWorld(folder);
  const at = (name: string) => join(folder, name);
  const task = { template: '{text} so{label}', labels: LABELS, train: 'train.jsonl', valid: 'valid.jsonl' };
  const turned = { ...task, labels: { '0': 'o', '1': 'x' } };
  writeFileSync(
    at('sets.json'),
    JSON.stringify([
      { ...task, name: 'first' },
      { ...turned, name: 'second' },
    ]),
  );
  await tunePrompt({
    ...{ model: at('model'), template: '[soft:8]{text} so{label}', labels: task.labels, out: at('long') },
    ...{ train: at('train.jsonl'), valid: at('valid.jsonl'), maxSteps: 20, head: false, baselines: false, threads: 1 },
  });
}

const heard = ({ onEvent, signal }: RunHooks = {}) => ({
  ...(signal && { signal }),
  ...(onEvent && { onEvent: (event: object) => onEvent(event as RunEvent) }),
});
const files = (world: string) => ({ train: join(world, 'train.jsonl'), valid: join(world, 'valid.jsonl') });
const fileFlags = (world: string) => ['--train', join(world, 'train.jsonl'), '--valid', join(world, 'valid.jsonl')];
const modelFlags = (world: string) => ['--model', join(world, 'model'), '--threads', '1', '--seed', '0'];
const LABELS = { '0': 'x', '1': 'o' };
const LABEL_FLAGS = ['--labels', '{"0":"x","1":"o"}'];
const read = (out: string, name: string) => readFileSync(join(out, name));
const json = (out: string, name: string) => JSON.parse(read(out, name).toString('utf8'));

const search: FoundKind = {
  name: 'search',
  start: (world, out, more, hooks) =>
    searchPrompt(
      {
        ...{ model: join(world, 'model'), template: 'is it x{text} so{label}', labels: LABELS, ...files(world), out },
        ...{ maxCalls: 16, seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeSearch(out, heard(hooks)),
  command: (world) => [
    ...['search', ...modelFlags(world), ...fileFlags(world), '--template', 'is it x{text} so{label}'],
    ...[...LABEL_FLAGS, '--max-calls', '16'],
  ],
  halfway: ({ event, call }) => event === 'call' && call === 7,
  result: (out) => [read(out, 'search.json'), json(out, 'softprompt.json').template],
  // calls that were paid for are told again, and not made
  part: undefined,
};

const design: FoundKind = {
  name: 'design',
  start: (world, out, more, hooks) =>
    designPrompt(
      {
        ...{ model: join(world, 'model'), ...files(world), out, tokens: 4, minutes: 30, maxSteps: 6 },
        ...{ seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeDesign(out, heard(hooks)),
  command: (world) => [
    ...['design', ...modelFlags(world), ...fileFlags(world), '--tokens', '4', '--minutes', '30', '--max-steps', '6'],
  ],
  halfway: ({ event }) => event === 'try',
  result: (out) => [read(out, 'adapter_model.safetensors'), json(out, 'design.json').forms],
  part: 'try',
};

const shorten: FoundKind = {
  name: 'shorten',
  start: (world, out, more, hooks) =>
    shortenPrompt(
      {
        ...{ prompt: join(world, 'long'), ...files(world), out, tokens: 4, maxSteps: 12, learningRate: 0.05 },
        ...{ seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeShortening(out, heard(hooks)),
  command: (world) => [
    ...['shorten', join(world, 'long'), ...fileFlags(world), '--tokens', '4', '--max-steps', '12', '--lr', '0.05'],
    ...['--seed', '0', '--threads', '1'],
  ],
  halfway: ({ event, step }) => event === 'step' && step === 6,
  result: (out) => read(out, 'adapter_model.safetensors'),
  part: undefined,
};

const compare: FoundKind = {
  name: 'compare',
  start: (world, out, more, hooks) =>
    compareMethods(
      {
        ...{ model: join(world, 'model'), template: '{text} so{label}', labels: LABELS, ...files(world), out },
        ...{ methods: ['soft', 'ia3'], tokens: 4, maxSteps: [4], seeds: 2, seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeComparison(out, heard(hooks)),
  command: (world) => [
    ...['compare', ...modelFlags(world), ...fileFlags(world), '--template', '{text} so{label}', ...LABEL_FLAGS],
    ...['--methods', 'soft,ia3', '--tokens', '4', '--max-steps', '4', '--seeds', '2'],
  ],
  halfway: ({ event }) => event === 'run ended',
  result: (out) => {
    const { cells, baselines } = json(out, 'comparison.json');
    const timeless = (cell: Record<string, unknown>) =>
      ['set', 'method', 'seed', 'accuracy', 'macroF1', 'steps', 'learned'].map((name) => cell[name]);
    return [cells.map(timeless), baselines];
  },
  part: 'run ended',
};

const transfer: FoundKind = {
  name: 'transfer',
  start: (world, out, more, hooks) =>
    transferPrompts(
      {
        ...{ model: join(world, 'model'), sets: join(world, 'sets.json'), out, tokens: 4, shots: 4 },
        ...{ maxSteps: 2, sourceSteps: 4, seeds: 1, seed: 0, threads: 1, ...more },
      },
      heard(hooks),
    ),
  resume: (out, hooks) => resumeTransfer(out, heard(hooks)),
  command: (world) => [
    ...['transfer', ...modelFlags(world), '--sets', join(world, 'sets.json'), '--tokens', '4', '--shots', '4'],
    ...['--max-steps', '2', '--source-steps', '4', '--seeds', '1'],
  ],
  halfway: ({ event }) => event === 'run ended',
  result: (out) => {
    const { cells, similarities } = json(out, 'transfer.json');
    return [cells, similarities];
  },
  part: 'run ended',
};

export const FOUND_KINDS: readonly FoundKind[] = [search, design, shorten, compare, transfer];
