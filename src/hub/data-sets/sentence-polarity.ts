import { readFile } from 'node:fs/promises';
import type { OutputRow } from '../../data/writing/output-table.js';
import { Random } from '../../random.js';
import type { DataSet } from './data-set.js';

/** Rows that test; the others train. */
const TEST_ROWS = 2000;

/** One sentence a line, a file a label: `train.csv` and `test.csv`, in an order that is always the same. */
export const sentencePolarity: Pick<DataSet, 'members' | 'tables'> = {
  members: ['sentence_polarity/rt-polarity.pos', 'sentence_polarity/rt-polarity.neg'],
  async tables(path) {
    const sentences = async (member: string, label: string): Promise<OutputRow[]> =>
      (await readFile(path(member), 'utf8'))
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => [line, label]);
    const rows = [
      ...(await sentences('sentence_polarity/rt-polarity.pos', 'positive')),
      ...(await sentences('sentence_polarity/rt-polarity.neg', 'negative')),
    ];
    new Random(0).shuffle(rows);
    const test = Math.min(TEST_ROWS, Math.floor(rows.length / 2));
    const table = (some: readonly OutputRow[]) => ({
      columns: [
        { name: 'text', type: 'text' },
        { name: 'label', type: 'id' },
      ] as const,
      rows: () => some,
    });
    return [
      { file: 'train.csv', content: table(rows.slice(test)) },
      { file: 'test.csv', content: table(rows.slice(0, test)) },
    ];
  },
};
