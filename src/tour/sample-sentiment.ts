import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Example } from '../data/example.js';
import { loadExamples } from '../data/load-examples.js';
import { accuracy } from '../evaluation/accuracy.js';
import { fitBagOfWords } from '../evaluation/bag-of-words.js';
import { predictLabels } from '../evaluation/predicted-labels.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { EMBEDDED_MODEL } from '../hub/embedded-model.js';
import { inspectPrompt, type PromptInspection } from '../tasks/inspection/inspect-prompt.js';
import { type OpenPrompt, openPrompt, type Prediction, predict } from '../tasks/open-prompt.js';
import { checkPromptFolder } from '../tasks/prompt-folder/write-prompt.js';
import { promptJobFolder } from '../tasks/prompt-job.js';
import type { TuneHooks, TuneResult } from '../tasks/tune-events.js';
import type { TuneOptions } from '../tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../tasks/tune-prompt.js';
import { isBegun } from './earlier-part.js';
import { sampleFile } from './sample-files.js';

/**
 * The tasks of the tour. The Chinese one is the worked example, `{text}。该文本表达了{label}情感`, with learned tokens before the
 * text, and in place of 该文本表达了 tokens that start from these words.
 */
export const SAMPLE_TASKS = {
  Chinese: {
    template: '[soft:8]{text}。[soft:"该文本表达了"]{label}情感',
    labels: { 正向: '正向', 负向: '负向' },
    files: 'sentiment-zh',
    format: 'jsonl',
  },
  English: {
    template: '[soft:16]{text}[soft:" Verdict:"]{label}.',
    labels: { positive: ' good', negative: ' bad' },
    files: 'sentence-polarity',
    format: 'tsv',
  },
} as const;

export type SampleLanguage = keyof typeof SAMPLE_TASKS;

/** Below the automatic rate, about 0.008 here: these prompts start from what the model knows already. */
const LEARNING_RATE = 0.003;

/** Sentences that are in no sample. */
const NEW_SENTENCES = {
  Chinese: [
    '这家面馆的汤头浓郁，老板娘也热情，吃完浑身舒坦',
    '快递拖了一个星期，打开一看杯子碎成了两半',
    '本来没抱希望，看到结尾却忍不住鼓掌',
  ],
  English: [
    'a warm , funny and beautifully acted story about growing old',
    'two hours of noise , cardboard heroes and jokes that never land',
    'it starts slowly , but the last half hour is simply wonderful',
  ],
} as const;

/** How many sentences of a sample the tour takes, at most. */
const MOST = { train: 800, valid: 160, test: 500 };

export interface SampleSentiment {
  readonly language: SampleLanguage;
  readonly tuned: TuneResult;
  /** Of the learned prompt on test sentences, and of what it must beat. */
  readonly scores: readonly ScoreRow[];
  readonly predictions: readonly (Prediction & { readonly text: string })[];
  readonly inspection: PromptInspection;
}

/**
 * Learns a prompt for the sentences of a language on the embedded model, measures it, and asks it about new sentences. The data
 * it learned from lies beside it in `data`. What an earlier call with the same options has learned in the folder is gone on
 * with. @returns only the run where that was interrupted
 * @throws PROMPT_FOLDER_EXISTS
 */
export async function learnSampleSentiment(
  language: SampleLanguage,
  folder: string,
  options: Options,
  hooks: TuneHooks,
): Promise<SampleSentiment | { readonly tuned: TuneResult }> {
  const { labels } = SAMPLE_TASKS[language];
  const samples = await readSamples(language);
  const tuned = (await isBegunIn(folder, options))
    ? await resumeTuning(folder, hooks)
    : await learnAnew(language, samples, folder, options, hooks);
  if (tuned.ended === 'interrupted') return { tuned };
  const prompt = await openPrompt(folder, { ...hooks, threads: options.threads });
  try {
    return {
      language,
      tuned,
      scores: [...tuned.scores.filter(({ name }) => SHOWN.test(name)), bagOfWords(samples, Object.keys(labels))],
      predictions: await ask(prompt, NEW_SENTENCES[language]),
      inspection: await inspectPrompt(prompt.saved, prompt.task.model, { words: 3, threads: options.threads }),
    };
  } finally {
    await prompt.close();
  }
}

type Options = Pick<TuneOptions, 'seed' | 'threads' | 'maxSteps' | 'overwrite'>;

async function isBegunIn(folder: string, { seed = 0, maxSteps, overwrite = false }: Options): Promise<boolean> {
  if (overwrite || !existsSync(join(folder, 'training', 'run.json'))) return false;
  const { plan: earlier } = await promptJobFolder(folder).read();
  return isBegun(folder, { seed, maxSteps }, { seed: earlier.seed ?? 0, maxSteps: earlier.maxSteps });
}

async function learnAnew(
  language: SampleLanguage,
  samples: Samples,
  folder: string,
  { seed, threads, maxSteps, overwrite = false }: Options,
  hooks: TuneHooks,
): Promise<TuneResult> {
  const { template, labels } = SAMPLE_TASKS[language];
  checkPromptFolder(folder, { overwrite });
  const file = async (part: keyof Samples) => {
    const path = join(folder, 'data', `${part}.jsonl`);
    const lines = samples[part].map(({ fields, label }) => JSON.stringify({ text: fields.text, label }));
    await writeFileAtomically(path, `${lines.join('\n')}\n`);
    return path;
  };
  const files = { train: await file('train'), valid: await file('valid'), test: await file('test') };
  return tunePrompt(
    {
      model: EMBEDDED_MODEL,
      template,
      labels,
      ...files,
      out: folder,
      overwrite,
      keepTraining: true, // the same tour, asked again, measures it again
      learningRate: LEARNING_RATE,
      head: false, // the tour is short
      seed,
      threads,
      maxSteps,
    },
    hooks,
  );
}

/** Rows of tuning's table; calibration is left out of the tour. */
const SHOWN = /^(learned prompt|written prompt|majority class.*)$/;

type Samples = Readonly<Record<'train' | 'valid' | 'test', readonly Example[]>>;

async function readSamples(language: SampleLanguage): Promise<Samples> {
  const { files, format } = SAMPLE_TASKS[language];
  const read = async (part: keyof Samples) =>
    (await loadExamples(sampleFile(`${files}/${part}.${format}`), { fields: ['text'] })).slice(0, MOST[part]);
  return { train: await read('train'), valid: await read('valid'), test: await read('test') };
}

function bagOfWords({ train, valid, test }: Samples, keys: readonly string[]): ScoreRow {
  const texts = (examples: readonly Example[]) =>
    examples.map(({ fields, label }) => ({ text: fields.text!, label: keys.indexOf(label!) }));
  const { score } = fitBagOfWords(texts(train), texts(valid), keys.length);
  const predicted = predictLabels(score(test.map(({ fields }) => fields.text!)));
  const right = Int32Array.from(test, ({ label }) => keys.indexOf(label!));
  return { name: 'bag of words', scores: { accuracy: accuracy(predicted, right) } };
}

async function ask(prompt: OpenPrompt, texts: readonly string[]) {
  const predictions = await predict(
    prompt,
    texts.map((text) => ({ text })),
  );
  return predictions.map((prediction, i) => ({ text: texts[i]!, ...prediction }));
}
