/**
 * Training speed beside PEFT on models of other families at their usual sizes (MiniLM-L6, GPT-2 small, T5-small), random weights:
 * lengths of SST-2 phrases, batch 16, 20 learned tokens, the same batches of similar lengths for both, alternating, medians.
 *
 *   PEER_PYTHON=/path/to/venv/bin/python node dist/bench/family-speed.js [--families bert,gpt2,t5] [--repeats 3] [--steps 40]
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../src/evaluation/percentile.js';
import { softPrompt } from '../src/methods/soft-prompt.js';
import { openCheckpoint } from '../src/network/checkpoint/open-checkpoint.js';
import { promptNetwork } from '../src/network/prompt-network.js';
import { learnedToken, type PromptSequence } from '../src/prompt/sequence.js';
import { Random } from '../src/random.js';
import { loadTokenizer } from '../src/tokenizer/load-tokenizer.js';
import { adamWInPlace } from '../src/training/adamw.js';
import { epochBatches } from '../src/training/batches.js';
import { lastJson, machine, writeResult } from './machine.js';
import { MODEL, sst2Files } from './sst2-data.js';

const { values } = parseArgs({
  options: {
    families: { type: 'string', default: 'bert,gpt2,t5' },
    repeats: { type: 'string', default: '3' },
    steps: { type: 'string', default: '40' },
  },
});
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers and peft.');

const TOKENS = 20;
const BATCH = 16;
const MASK = 103;
/** Two label words. */
const LABELS = [1998, 2204] as const;
const WARM = 3;
const FIRST_PLAIN_WORD = 2000;
const folder = mkdtempSync(join(tmpdir(), 'family-speed-'));

interface Row {
  readonly ids: readonly number[];
  readonly target: number;
}
interface Figures {
  readonly examplesPerSecond: number;
  readonly peakRssMib?: number;
}

/** Batches of texts as long as SST-2's phrases, in meaningless words; a masked text ends with its mask and a full stop. */
async function batchesOf(family: string, words: number): Promise<Row[][]> {
  const tokenizer = await loadTokenizer(join(MODEL, 'tokenizer.json'));
  const texts = readFileSync(sst2Files(BATCH * Number(values.steps)).train, 'utf8')
    .trimEnd()
    .split('\n');
  const random = new Random(0);
  const word = () => FIRST_PLAIN_WORD + random.integer(words - FIRST_PLAIN_WORD);
  const rows = texts.map((line): Row => {
    const ids = tokenizer.encode(JSON.parse(line).text as string).map(word);
    const end = family === 'bert' ? [MASK, 1012] : [word(), word()];
    return { ids: [...ids, ...end], target: LABELS[random.integer(2)]! };
  });
  const lengths = rows.map(({ ids }) => ids.length);
  return epochBatches(lengths, BATCH, 0, 0).map((batch) => batch.map((i) => rows[i]!));
}

const prompt = Array.from({ length: TOKENS }, (_, k) => learnedToken(k));

function sequenceOf(family: string, { ids, target }: Row): PromptSequence {
  const context = Int32Array.from([...prompt, ...ids]);
  const candidates = LABELS.map((id) => Int32Array.of(id));
  return {
    ...{ context, candidates, target: LABELS.indexOf(target as (typeof LABELS)[number]) },
    masked: family === 'bert' ? [{ ids: context, masks: [TOKENS + ids.indexOf(MASK)] }] : undefined,
    decoderStart: family === 't5' ? Int32Array.of(0) : undefined,
  };
}

async function ours(family: string, model: string, batches: readonly Row[][]): Promise<Figures> {
  const checkpoint = await openCheckpoint(model);
  const { hiddenSize } = checkpoint.config;
  const network = promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable: softPrompt(TOKENS, hiddenSize), maxPositions: 256 },
    sharedRows: family === 'gpt2' ? TOKENS : 0,
  });
  const random = new Random(0);
  const learned = Float32Array.from({ length: TOKENS * hiddenSize }, () => 0.1 * random.normal());
  const moments = { first: new Float32Array(learned.length), second: new Float32Array(learned.length) };
  const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  let [seen, started] = [0, 0];
  for (const [step, rows] of batches.entries()) {
    if (step === WARM) started = performance.now();
    const batch = rows.map((row) => sequenceOf(family, row));
    const { gradient } = await network.lossAndGradient(learned, batch);
    adamWInPlace(learned, gradient, moments, 1, step + 1, 1e-3, settings);
    if (step >= WARM) seen += batch.length;
  }
  const seconds = (performance.now() - started) / 1000;
  await network.release();
  return { examplesPerSecond: seen / seconds };
}

const GOALS: Readonly<Record<string, number>> = { bert: 1.5, gpt2: 1.5, t5: 1.2 };
const FILE = 'bench/results/family-speed.json';
/** Families that are not asked for stay as they were measured. */
const results: Record<string, unknown> = existsSync(FILE)
  ? (JSON.parse(readFileSync(FILE, 'utf8')) as { families: Record<string, unknown> }).families
  : {};
for (const family of values.families.split(',')) {
  const model = join(folder, family);
  lastJson(python, [
    '-c',
    `import runpy, sys, json
sys.argv = ['family_speed.py', 'make', '${family}', '${model}']
runpy.run_path('compare/family_speed.py', run_name='__main__')
print(json.dumps({}))`,
  ]);
  copyFileSync(join(MODEL, 'tokenizer.json'), join(model, 'tokenizer.json')); // a folder has one; nothing is read with it
  const { config } = await openCheckpoint(model);
  const batches = await batchesOf(family, Math.min(30_000, config.vocabularySize));
  const file = join(folder, `${family}.json`);
  writeFileSync(file, JSON.stringify({ tokens: TOKENS, batches }));
  const peft = (dtype: string, ...flags: string[]) =>
    lastJson(python, [
      'compare/family_speed.py',
      'train',
      family,
      model,
      file,
      '--dtype',
      dtype,
      ...flags,
    ]) as unknown as Figures;
  const contestants: Readonly<Record<string, () => Promise<Figures> | Figures>> = {
    softprompt: () => ours(family, model, batches),
    'PEFT f32': () => peft('f32'),
    'PEFT f32, best': () => peft('f32', '--best'),
    'PEFT bf16, best': () => peft('bf16', '--best'),
  };
  const runs: Record<string, number[]> = {};
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    for (const [name, run] of Object.entries(contestants)) {
      const { examplesPerSecond } = await run();
      runs[name] = [...(runs[name] ?? []), examplesPerSecond];
      console.log(`${family}, ${name}: ${examplesPerSecond.toFixed(2)} examples/s`);
    }
  }
  const medians = Object.fromEntries(Object.entries(runs).map(([name, speeds]) => [name, median(speeds)]));
  const best = Math.max(...Object.entries(medians).flatMap(([name, speed]) => (name === 'softprompt' ? [] : [speed])));
  results[family] = {
    repeats: Number(values.repeats),
    examplesPerSecond: medians,
    ratioToBest: medians.softprompt! / best,
    goal: GOALS[family],
    runs,
  };
  writeResult(FILE, {
    what: `prompt tuning beside PEFT, random weights of MiniLM-L6's, GPT-2 small's and T5-small's shape, ${TOKENS} tokens, batch ${BATCH}, lengths of SST-2 phrases, medians of alternating runs`,
    machine: machine(),
    families: results,
  });
}
