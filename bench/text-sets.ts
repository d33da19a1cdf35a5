import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/random.js';
import { CUE, LABELS, SHARED, sst2Files } from './sst2-data.js';

/** A few-shot set: 16 examples a label in each of five splits, one test file for all. */
export interface TextSet {
  readonly name: string;
  /** Without learned tokens. */
  readonly template: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly splits: readonly string[];
  rows(split: string, part: SetPart): readonly TextRow[];
}
export type SetPart = 'train' | 'valid' | 'test';
export interface TextRow {
  readonly text: string;
  readonly label: string;
}

/** RLPrompt's splits. */
function english(name: string, folder: string, template: string, words: readonly string[]): TextSet {
  const rows = (split: string, part: SetPart): TextRow[] => {
    const file = { train: `16-${split}/train.tsv`, valid: `16-${split}/dev.tsv`, test: 'test.tsv' }[part];
    return readFileSync(`${SHARED}/data/text/en_16shot/${folder}/${file}`, 'utf8')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => ({
        text: line.slice(0, line.lastIndexOf('\t')).trim(),
        label: line.slice(line.lastIndexOf('\t') + 1),
      }));
  };
  const labels = Object.fromEntries(words.map((word, label) => [`${label}`, ` ${word}`]));
  return { name, template, labels, splits: ['13', '21', '42', '87', '100'], rows };
}

/** FewCLUE's sentiment of Chinese reviews. */
const EPRSTMT: TextSet = {
  name: 'EPRSTMT',
  template: '{text|max=64}。该文本表达了{label}情感',
  labels: { Negative: '负向', Positive: '正向' },
  splits: ['0', '1', '2', '3', '4'],
  rows: (split, part) => {
    const file = { train: `train_${split}`, valid: `dev_${split}`, test: 'test_public' }[part];
    return readFileSync(`${SHARED}/data/text/zh_fewclue/eprstmt/${file}.json`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { sentence: string; label: string })
      .map(({ sentence, label }) => ({ text: sentence, label }));
  },
};

/** Not few: GLUE's phrases, its development set and test sentences. */
const SST2_8000: TextSet = {
  name: 'SST-2 8000',
  template: `{text|max=64}${CUE}{label}`,
  labels: JSON.parse(LABELS),
  splits: ['0'],
  rows: (_, part) =>
    readFileSync(sst2Files(8000)[part], 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TextRow),
};

export const TEXT_SETS: readonly TextSet[] = [
  english('SST-2', 'sst-2', '{text|max=64} It was{label}', ['terrible', 'great']),
  english('AG News', 'agnews', '{text|max=64} Topic:{label}', ['World', 'Sports', 'Business', 'Technology']),
  english('MR', 'mr', '{text|max=64} It was{label}', ['terrible', 'great']),
  english('TREC', 'trec', '{text|max=64} Answer type:{label}', [
    ...['description', 'entity', 'abbreviation', 'person', 'location', 'number'],
  ]),
  EPRSTMT,
  SST2_8000,
];

/** Sets by name. */
export function setsNamed(names: string): TextSet[] {
  return names.split(',').map((name) => {
    const set = TEXT_SETS.find((one) => one.name === name.trim());
    if (set === undefined) throw new Error(`No set ${name}; there are ${TEXT_SETS.map((one) => one.name).join(', ')}`);
    return set;
  });
}

/** Writes rows as JSONL into a folder; of more than `most` a seeded sample. */
export function writeRows(
  folder: string,
  name: string,
  rows: readonly TextRow[],
  most = Number.POSITIVE_INFINITY,
): string {
  const kept = rows.length > most ? new Random(0).shuffle([...rows]).slice(0, most) : rows;
  const path = join(folder, `${name}.jsonl`);
  writeFileSync(path, kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}
