import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept of a job that has ended, in the folder of its product. */
export const HISTORY_FILE = 'history.jsonl';
export const RESULT_FILE = 'result.json';
export const RESULT_FORMAT = 'softprompt result 1';

/** What a job came to, as it told it; of which kind it was. */
export interface KeptResult {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** What was seen at a validation; of a prompt with its seed, of a recommender with the network. */
export type HistoryRow = Readonly<Record<string, string | number | boolean>>;

/** Undefined where the folder keeps none, as those of earlier versions, or none that can be read. */
export async function readResult(folder: string): Promise<KeptResult | undefined> {
  try {
    const { format, ...result } = JSON.parse(await readFile(join(folder, RESULT_FILE), 'utf8'));
    return format === RESULT_FORMAT ? result : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of `history.jsonl`, none where there is no such file; lines that cannot be read are left out. */
export async function readHistory(folder: string): Promise<HistoryRow[]> {
  const text = await readFile(join(folder, HISTORY_FILE), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const row: unknown = JSON.parse(line);
      return typeof row === 'object' && row !== null ? [row as HistoryRow] : [];
    } catch {
      return [];
    }
  });
}
