import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { readExactly, withOpenFile } from '../files/read-bytes.js';
import { type RunningJob, resumeJob, startJob } from '../jobs/run-job.js';
import type { Checkpoint } from '../network/checkpoint/checkpoint.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { openCheckpoint } from '../network/checkpoint/open-checkpoint.js';
import { familyOf } from '../network/families/registry.js';
import { currentRuntime } from '../runtime/load-runtime.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import { checkTokenizerJson, type TokenizerJson } from '../tokenizer/tokenizer-json.js';
import { initialWeights, type NetworkWeights } from '../training/network-weights.js';
import { PRETRAINING_JOB, readPretraining, tokenizerFile, writePretraining } from './pretraining-job.js';
import { type PretrainingOptions, pretrainingSettings } from './pretraining-options.js';
import {
  END_OF_TEXT,
  encodeStreams,
  learnTokenizer,
  MASK,
  splitTexts,
  type TextEncoding,
  validationTexts,
} from './pretraining-text.js';
import { languageModelWeights, type PretrainingLine, trainLanguageModel } from './train-language-model.js';
import { writeModel } from './write-model.js';

/** What a run tells while it goes. */
export type PretrainingEvent =
  | { readonly event: 'reading'; readonly what: string }
  | {
      readonly event: 'model';
      readonly parameters: number;
      readonly layers: number;
      readonly width: number;
      readonly vocabulary: number;
    }
  | { readonly event: 'vocabulary'; readonly tokens: number; readonly all: number }
  | { readonly event: 'encoding'; readonly path: string; readonly tokens: number; readonly all: number }
  | { readonly event: 'data'; readonly path: string; readonly documents: number; readonly tokens: number }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    }
  | ({ readonly event: 'validation' } & PretrainingLine);

export interface PretrainingHooks {
  readonly onEvent?: ((event: PretrainingEvent) => void) | undefined;
  /** Ends the run after the update at hand; it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Where converted weights of `init` are kept. */
  readonly cacheFolder?: string | undefined;
}

export interface PretrainingResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly parameters: number;
  readonly steps: number;
  readonly tokens: number;
  readonly history: readonly PretrainingLine[];
  readonly seconds: number;
}

/**
 * Trains a small language model of the Llama or the BERT family from text files, all its weights, and writes it as a model folder
 * that softprompt and transformers load. With the options of a run that is already there, it goes on with that run, bit
 * for bit. The model folder is written at every validation.
 * @throws TUNING_SETTING, DATA_FILE_UNREADABLE, DATA_EMPTY, RUN_UNFINISHED, RUN_DATA_CHANGED, MODEL_UNSUPPORTED,
 * TUNING_NOT_FINITE, MODEL_UNWRITABLE
 */
export async function pretrainModel(
  options: PretrainingOptions,
  hooks: PretrainingHooks = {},
): Promise<PretrainingResult> {
  const { init, out } = options;
  if (init !== undefined && resolve(init) === resolve(out)) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `The model would continue from the folder that it is written to, ${out}`,
      expected: 'two folders, because a resumed run needs the weights that it started from',
      fix: 'Give another --out.',
    });
  }
  return startJob(
    PRETRAINING_JOB,
    { out: options.out, overwrite: options.overwrite, plan: options },
    hooks,
    pretraining(),
  );
}

/** Goes on with the run in a folder. Errors: RUN_NOT_FOUND, and those of `pretrainModel`. */
export async function resumePretraining(folder: string, hooks: PretrainingHooks = {}): Promise<PretrainingResult> {
  return resumeJob(PRETRAINING_JOB, folder, hooks, pretraining());
}

function pretraining() {
  const began = performance.now();
  const progress: Progress = { steps: 0, tokens: 0, parameters: 0, history: [] };
  const result = (ended: PretrainingResult['ended'], out: string): PretrainingResult => ({
    ...{ ended, out, ...progress, seconds: (performance.now() - began) / 1000 },
  });
  return {
    work: async (job: RunningJob<PretrainingOptions>, hooks: PretrainingHooks) =>
      result(await run(job, hooks, progress), job.plan.out),
    interrupted: ({ folder }: RunningJob<PretrainingOptions>) => result('interrupted', folder.path),
  };
}

/** How far a run is. */
type Progress = {
  -readonly [Name in 'steps' | 'tokens' | 'parameters' | 'history']: PretrainingResult[Name];
};

async function run(job: RunningJob<PretrainingOptions>, hooks: PretrainingHooks, progress: Progress) {
  const { plan: options, folder } = job;
  const { onEvent, signal } = hooks;
  await currentRuntime(); // rather missing now than after reading all texts
  const init = options.init === undefined ? undefined : await openInitial(options.init, hooks);
  const settings = pretrainingSettings(options, init?.config);
  const { batchSize, length, steps } = settings;
  const masked = familyOf(settings.shape).sees === 'all';
  const saved = job.goesOn ? await readPretraining(folder) : undefined;
  const reached = (step: number) => {
    progress.steps = step;
    progress.tokens = step * batchSize * length;
  };
  reached(saved?.state.step ?? 0);
  const lines: PretrainingLine[] = [...(saved?.state.history ?? [])];
  progress.history = lines;

  onEvent?.({ event: 'reading', what: 'texts' });
  const texts = await splitTexts(options, settings.validShare, settings.training.seed);
  await nextTurn();
  signal?.throwIfAborted();
  if (saved === undefined) {
    const given = init?.tokenizer.path ?? options.tokenizer;
    onEvent?.({ event: 'reading', what: given ?? 'the words of a tokenizer' });
    const all = settings.vocabulary;
    const onTokens = (tokens: number) => onEvent?.({ event: 'vocabulary', tokens, all });
    const special = masked ? [END_OF_TEXT, MASK] : [END_OF_TEXT];
    const json =
      given === undefined
        ? JSON.stringify(await learnTokenizer(texts, settings.vocabulary, special, onTokens, signal))
        : await givenTokenizer(given, masked);
    await job.begin();
    await folder.write(() => writeFileAtomically(tokenizerFile(folder), json));
  } else await job.begin();
  const tokenizer = await loadTokenizer(tokenizerFile(folder));
  const content = await readFile(tokenizerFile(folder), 'utf8');
  const json = checkTokenizerJson(JSON.parse(content), tokenizerFile(folder));
  const endOfText = endMark(json);
  const config: ModelConfig = { ...settings.shape, vocabularySize: init?.config.vocabularySize ?? tokenizer.size };
  const initial = init ? await readWeights(init) : initialWeights(languageModelWeights(config), settings.training.seed);
  progress.parameters = Object.values(initial).reduce((sum, { length }) => sum + length, 0);
  const { layers, hiddenSize: width, vocabularySize: vocabulary } = config;
  onEvent?.({ event: 'model', parameters: progress.parameters, layers, width, vocabulary });

  const encoding: TextEncoding = {
    ...{ tokenizer, json, endOfText, signal },
    onProgress: (path, tokens, all) => onEvent?.({ event: 'encoding', path, tokens, all }),
  };
  const streams = await encodeStreams(texts, encoding, steps * batchSize * length, length + 1);
  texts.forEach(({ path, train }, i) => {
    onEvent?.({ event: 'data', path, documents: train.length, tokens: streams[i]!.ids.length });
  });
  const basis = hashOf([...texts.map(({ hash }) => hash), ...Object.values(initial)]);
  const inputs = texts.map(({ hash }, i) => [`text ${i + 1}`, hash] as const);
  await job.readInputs({ ...Object.fromEntries(inputs), 'first weights': hashOf(Object.values(initial)) });
  folder.checkBasis(saved, basis);

  const firstStep = progress.steps;
  const started = performance.now();
  const { ended } = await trainLanguageModel({
    config,
    initial,
    streams,
    validation: await validationTexts(texts, encoding, { length, tokens: settings.validTokens }),
    length,
    batchSize,
    steps,
    evaluateEvery: settings.evaluateEvery,
    settings: settings.training,
    objective: {
      mask: tokenizer.mask,
      maskShare: settings.maskShare,
      shortFirst: masked && init === undefined,
      emphasis: options.cues && {
        cues: options.cues.map((cue) => tokenizer.encode(cue, true)),
        weight: settings.cueWeight,
      },
    },
    threads: options.threads,
    state: saved?.state,
    save: (now) =>
      folder.write(async () => {
        await writePretraining(folder, now, basis);
        await writeModel(options.out, { config, tokenizer: JSON.parse(content), endOfText, weights: now.weights });
      }),
    onUpdate: (step, loss) => {
      reached(step);
      const seconds = (performance.now() - started) / 1000;
      const tokensPerSecond = ((step - firstStep) * batchSize * length) / seconds;
      const secondsLeft = ((steps - step) * batchSize * length) / tokensPerSecond;
      onEvent?.({ event: 'step', step, steps, loss, tokensPerSecond, secondsLeft });
    },
    onLine: (line) => {
      lines.push(line);
      onEvent?.({ event: 'validation', ...line });
    },
    signal,
  });
  return ended === 'interrupted' ? ended : 'finished';
}

async function openInitial(model: string, { cacheFolder }: PretrainingHooks): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(model, cacheFolder === undefined ? {} : { cacheFolder });
  const { config, tokenizer } = checkpoint;
  const plain = familyOf(config).pretraining?.isPlain(config) ?? false;
  if (plain && tokenizer.kind === 'tokenizer.json') return checkpoint;
  throw new SoftpromptError('MODEL_UNSUPPORTED', {
    found: `${model} is not of the Llama family with tied embeddings and plain rotary embedding, nor a BERT with its head, or has no tokenizer.json`,
    expected: 'a model that `npx softprompt pretrain` wrote, or one of its kind',
    fix: 'Start from another model, or from none.',
  });
}

/** A tokenizer of other texts; a masked model needs a mask, which is added where it has none. */
async function givenTokenizer(path: string, masked: boolean): Promise<string> {
  const tokenizer = await loadTokenizer(path);
  const content = await readFile(path, 'utf8');
  if (!masked || tokenizer.mask !== undefined) return content;
  const json = checkTokenizerJson(JSON.parse(content), path);
  const mask = { id: tokenizer.size, content: MASK, special: true, normalized: false };
  const plain = { single_word: false, lstrip: false, rstrip: false };
  return JSON.stringify({ ...json, added_tokens: [...json.added_tokens, { ...mask, ...plain }] });
}

async function readWeights({ weights }: Checkpoint): Promise<NetworkWeights> {
  const arrays: Record<string, Float32Array> = {};
  for (const [name, { file, offset, byteLength }] of weights) {
    arrays[name] = await withOpenFile(file, async (open) => {
      const bytes = await readExactly(open, offset, byteLength);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + byteLength) as ArrayBuffer);
    });
  }
  return arrays;
}

/** The tokenizer's end-of-text mark, or its first special token. */
function endMark({ added_tokens }: TokenizerJson): number {
  const special = added_tokens.filter((token) => token.special);
  const mark = special.find(({ content }) => content === END_OF_TEXT) ?? special[0];
  if (mark !== undefined) return mark.id;
  throw new SoftpromptError('TOKENIZER_UNSUPPORTED', {
    found: 'the tokenizer has no special token',
    expected: `one that ends documents, such as ${END_OF_TEXT}`,
    fix: 'Leave --tokenizer out, so that one is learned from the data.',
  });
}

function hashOf(parts: readonly (string | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(typeof part === 'string' ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}
