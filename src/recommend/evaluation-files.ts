import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { OutputColumn, OutputFormat, OutputRow } from '../data/writing/output-table.js';
import { orUnwritable } from '../data/writing/output-table.js';
import { shortestFloat } from '../data/writing/shortest-float.js';
import { writeTable } from '../data/writing/write-table.js';
import { SoftpromptError } from '../errors.js';
import { figuresPerUser } from '../evaluation/ranking/ranking-report.js';
import type { TargetRanks } from '../evaluation/ranking/target-ranks.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { Given } from '../options/option.js';
import type { RankedLists } from './rank-held-out.js';
import type { EVALUATE_RECOMMENDER } from './use-options.js';

/**
 * Files that an evaluation leaves beside its figures, for other programs and for who looks at single users: `runFile` as TREC's
 * runs (`user Q0 item rank score tag`), `qrels` as TREC's (`user 0 item 1`), both as JSON where they end in .json; `perUser` has
 * a row a user with all figures, its format by its ending.
 */
export type EvaluationFiles = Pick<
  Given<typeof EVALUATE_RECOMMENDER>,
  'runFile' | 'runDepth' | 'qrels' | 'perUser' | 'overwrite'
>;

/** What was measured of a test part, and whose codes are whose ids. */
interface Measured {
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly targets: TargetRanks;
  readonly run: RankedLists | undefined;
}

const TAG = 'softprompt';
const TABLE_FORMATS: readonly OutputFormat[] = ['csv', 'tsv', 'jsonl', 'parquet'];

/**
 * Refuses what can be refused before anything is measured.
 * @throws DATA_OUTPUT_EXISTS, DATA_FORMAT_UNKNOWN, RECOMMEND_OPTION
 */
export function checkEvaluationFiles({ runFile, runDepth, qrels, perUser, overwrite }: EvaluationFiles): void {
  for (const path of [runFile, qrels, perUser]) {
    if (path === undefined || overwrite || !existsSync(path)) continue;
    throw new SoftpromptError('DATA_OUTPUT_EXISTS', {
      found: `${path} exists already`,
      expected: 'a file that does not exist yet',
      fix: 'Choose another file, or allow overwriting (--overwrite).',
    });
  }
  if (runDepth !== undefined && !(Number.isInteger(runDepth) && runDepth > 0)) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: `runDepth ${runDepth}`,
      expected: 'a whole number above 0',
      fix: 'Say how many items of each user the run has (--run-depth 100).',
    });
  }
  if (perUser !== undefined) tableFormat(perUser);
}

/** Writes the files that are asked for; each appears when it is whole. @throws DATA_UNWRITABLE */
export async function writeEvaluationFiles(files: EvaluationFiles, measured: Measured): Promise<readonly string[]> {
  const { runFile, qrels, perUser } = files;
  if (runFile !== undefined) await writeJudgements(runFile, () => runOf(measured), trecRun);
  if (qrels !== undefined) await writeJudgements(qrels, () => relevantOf(measured), trecQrels);
  if (perUser !== undefined) {
    const [columns, rows] = perUserTable(measured);
    await writeTable(perUser, tableFormat(perUser), columns, rows);
  }
  return [runFile, qrels, perUser].filter((path) => path !== undefined);
}

/** A user with items and what they are worth, the best first. */
type Judged = readonly [user: string, items: readonly (readonly [item: string, worth: number])[]];

function* runOf({ users, items, targets, run }: Measured): Generator<Judged> {
  const { k, items: codes, scores } = run!;
  for (const [u, code] of targets.users.entries()) {
    const places = Array.from({ length: k }, (_, i) => u * k + i).filter((at) => codes[at] !== -1);
    yield [users[code]!, places.map((at) => [items[codes[at]!]!, shortestFloat(scores[at]!)] as const)];
  }
}

function* relevantOf({ users, items, targets }: Measured): Generator<Judged> {
  for (const [u, code] of targets.users.entries()) {
    const own = targets.items.subarray(targets.offsets[u]!, targets.offsets[u + 1]!);
    yield [users[code]!, Array.from(own, (item) => [items[item]!, 1] as const)];
  }
}

const trecRun = ([user, items]: Judged) =>
  items.map(([item, score], i) => `${word(user)} Q0 ${word(item)} ${i + 1} ${score} ${TAG}\n`).join('');
const trecQrels = ([user, items]: Judged) => items.map(([item]) => `${word(user)} 0 ${word(item)} 1\n`).join('');

/** @throws DATA_UNWRITABLE for an id that TREC's files, which have no quotes, cannot hold */
function word(id: string): string {
  if (id !== '' && !/\s/u.test(id)) return id;
  throw new SoftpromptError('DATA_UNWRITABLE', {
    found: `The id ${JSON.stringify(id)} is empty or holds a space`,
    expected: 'ids of one word in a file of TREC, whose columns are separated by spaces',
    fix: 'Give the file a name that ends in .json: there any id stands.',
  });
}

async function writeJudgements(path: string, judged: () => Iterable<Judged>, trec: (of: Judged) => string) {
  const asJson = extname(path).toLowerCase() === '.json';
  await orUnwritable(path, () =>
    writeFileAtomically(path, async (file) => {
      let before = '{\n';
      for (const of of judged()) {
        const [user, items] = of;
        await file.write(
          asJson ? `${before}${JSON.stringify(user)}:${JSON.stringify(Object.fromEntries(items))}` : trec(of),
        );
        before = ',\n';
      }
      if (asJson) await file.write('\n}\n');
    }),
  );
}

function perUserTable({ users, targets }: Measured): [OutputColumn[], OutputRow[]] {
  const figures = [...figuresPerUser(targets)];
  const columns: OutputColumn[] = [
    { name: 'user_id', type: 'id' },
    { name: 'relevant', type: 'integer' },
    { name: 'best_rank', type: 'integer' },
    ...figures.map(([name]) => ({ name, type: 'number' as const })),
  ];
  const rows = Array.from(targets.users, (code, u) => {
    const ranks = targets.ranks.subarray(targets.offsets[u]!, targets.offsets[u + 1]!);
    return [users[code]!, ranks.length, Math.min(...ranks), ...figures.map(([, values]) => values[u]!)];
  });
  return [columns, rows];
}

/** @throws DATA_FORMAT_UNKNOWN */
function tableFormat(path: string): OutputFormat {
  const format = TABLE_FORMATS.find((name) => extname(path).toLowerCase() === `.${name}`);
  if (format) return format;
  throw new SoftpromptError('DATA_FORMAT_UNKNOWN', {
    found: `the name of ${path} does not tell its format`,
    expected: `a name ending in ${TABLE_FORMATS.map((name) => `.${name}`).join(', ')}`,
    fix: 'Give the file of the users’ figures (--per-user) such a name.',
  });
}
