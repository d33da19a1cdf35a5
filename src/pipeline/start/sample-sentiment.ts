import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.js';
import type { Example } from '../../data/example.js';
import { loadExamples } from '../../data/load-examples.js';
import { accuracy } from '../../evaluation/accuracy.js';
import { fitBagOfWords } from '../../evaluation/bag-of-words.js';
import { majorityBaseline } from '../../evaluation/majority-baseline.js';
import { judgeLabels, predictLabels } from '../../evaluation/predicted-labels.js';
import type { ScoreRow } from '../../evaluation/score-table.js';
import { EMBEDDED_MODEL } from '../../model/embedded-model.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { inspectPrompt, type PromptInspection } from '../inspect-prompt.js';
import { type OpenPrompt, openPrompt, type Prediction, predict } from '../open-prompt.js';
import { scoreLabels, type TextTask, targetsOf, textTask } from '../text-task.js';
import type { TuneHooks, TuneResult } from '../tune-events.js';
import { TUNE_DEFAULTS, type TuneOptions } from '../tune-options.js';
import { tunePrompt } from '../tune-prompt.js';
import { sampleFile } from './sample-files.js';

/** The worked example: the words that a person would write, with tokens to learn before and among them. */
export const SENTIMENT_TEMPLATE = '[soft:"判断下面评论的情感："]{text}。[soft:"该文本表达了"]{label}情感';
const LABELS = { 正向: '正向', 负向: '负向' };

/** Sentences that are in no sample. */
export const NEW_SENTENCES = {
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

export type SampleLanguage = keyof typeof NEW_SENTENCES;

/** How many sentences of the English sample the tour takes. */
const ENGLISH = { train: 1200, valid: 160, test: 500 };

export interface SampleSentiment {
  readonly tuned: TuneResult;
  /** Accuracy on test sentences, a column a language: the learned prompt and what it must beat. */
  readonly scores: readonly ScoreRow[];
  readonly predictions: Readonly<Record<SampleLanguage, readonly (Prediction & { readonly text: string })[]>>;
  readonly inspection: PromptInspection;
}

/**
 * Learns one prompt for Chinese and English sentences on the embedded model, measures it, and asks it about new sentences.
 * The data it learned from lies beside it in `data`. @returns only the run where that was interrupted
 */
export async function learnSampleSentiment(
  folder: string,
  options: Pick<TuneOptions, 'seed' | 'threads' | 'maxSteps'>,
  hooks: TuneHooks,
): Promise<SampleSentiment | { readonly tuned: TuneResult }> {
  const data = await readSamples();
  const file = async (part: 'train' | 'valid' | 'test') => {
    const path = join(folder, 'data', `${part}.jsonl`);
    const rows = Object.values(data[part]).flat();
    const lines = rows.map(({ fields, label }) => JSON.stringify({ text: fields.text, label }));
    await writeFileAtomically(path, `${lines.join('\n')}\n`);
    return path;
  };
  const tuned = await tunePrompt(
    {
      model: EMBEDDED_MODEL,
      template: SENTIMENT_TEMPLATE,
      labels: LABELS,
      train: await file('train'),
      valid: await file('valid'),
      test: await file('test'),
      out: folder,
      overwrite: true,
      ...options,
    },
    hooks,
  );
  if (tuned.ended === 'interrupted') return { tuned };
  const prompt = await openPrompt(folder, { ...hooks, threads: options.threads });
  try {
    return {
      tuned,
      scores: await compare(prompt, data),
      predictions: { Chinese: await ask(prompt, 'Chinese'), English: await ask(prompt, 'English') },
      inspection: await inspectPrompt(prompt.saved, prompt.task.model, { words: 3, threads: options.threads }),
    };
  } finally {
    await prompt.task.network.release();
  }
}

type Samples = Readonly<Record<'train' | 'valid' | 'test', Readonly<Record<SampleLanguage, readonly Example[]>>>>;

async function readSamples(): Promise<Samples> {
  const named: Readonly<Record<string, string>> = { positive: '正向', negative: '负向' };
  const read = async (part: keyof Samples) => {
    const Chinese = await loadExamples(sampleFile(`sentiment-zh/${part}.jsonl`), { fields: ['text'] });
    const English = await loadExamples(sampleFile(`sentence-polarity/${part}.tsv`), { fields: ['text'] });
    return {
      Chinese,
      English: English.slice(0, ENGLISH[part]).map((example) => ({ ...example, label: named[example.label!] })),
    };
  };
  return { train: await read('train'), valid: await read('valid'), test: await read('test') };
}

async function compare(prompt: OpenPrompt, data: Samples): Promise<ScoreRow[]> {
  const { task, saved } = prompt;
  const written = textTask(task.model, {
    template: withoutLearned(task.compiled.template),
    labels: task.compiled.labels,
    maxLength: TUNE_DEFAULTS.maxLength,
    loss: 'labels',
  });
  const rows = [
    {
      name: 'learned prompt',
      right: (language: SampleLanguage) => right(task, saved.embeddings.values, data, language),
    },
    { name: 'the same words, unlearned', right: (language: SampleLanguage) => right(written, NONE, data, language) },
    { name: 'bag of words', right: async (language: SampleLanguage) => bagOfWords(data, language) },
    { name: 'most frequent label', right: async (language: SampleLanguage) => majority(data, language) },
  ];
  try {
    const scores: ScoreRow[] = [];
    for (const row of rows) {
      scores.push({
        name: row.name,
        scores: { Chinese: await row.right('Chinese'), English: await row.right('English') },
      });
    }
    return scores;
  } finally {
    await written.network.release();
  }
}

const NONE = new Float32Array(0);

async function right(task: TextTask, prompt: Float32Array, { test }: Samples, language: SampleLanguage) {
  const sequences = test[language].map((example) => task.compiled.encode(example));
  const targets = targetsOf(sequences);
  return accuracy(judgeLabels(await scoreLabels(task, prompt, sequences), targets), targets);
}

const KEYS = Object.keys(LABELS);
const indices = (examples: readonly Example[]) => Int32Array.from(examples, ({ label }) => KEYS.indexOf(label!));

/** Taught with the sentences of its language alone: the other one's words say nothing about it. */
function bagOfWords({ train, valid, test }: Samples, language: SampleLanguage): number {
  const texts = (examples: readonly Example[]) =>
    examples.map(({ fields, label }) => ({ text: fields.text!, label: KEYS.indexOf(label!) }));
  const { score } = fitBagOfWords(texts(train[language]), texts(valid[language]), KEYS.length);
  return accuracy(predictLabels(score(test[language].map(({ fields }) => fields.text!))), indices(test[language]));
}

function majority({ train, test }: Samples, language: SampleLanguage): number {
  return majorityBaseline(indices(train[language]), indices(test[language]), KEYS.length).accuracy;
}

async function ask(prompt: OpenPrompt, language: SampleLanguage) {
  const texts = NEW_SENTENCES[language];
  const predictions = await predict(
    prompt,
    texts.map((text) => ({ text })),
  );
  return predictions.map((prediction, i) => ({ text: texts[i]!, ...prediction }));
}
