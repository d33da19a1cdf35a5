import { existsSync } from 'node:fs';
import { SoftpromptError } from '../../errors.js';
import type { OutputFormat } from './output-table.js';

const FORMATS: readonly OutputFormat[] = ['parquet', 'jsonl', 'csv', 'tsv'];

/** By the ending of its name. @throws DATA_FORMAT_UNKNOWN */
export function tableFormat(path: string): OutputFormat {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const format = FORMATS.find((name) => name === ending);
  if (format) return format;
  throw new SoftpromptError('DATA_FORMAT_UNKNOWN', {
    found: `the name of ${path} does not tell its format`,
    expected: `a name ending in ${FORMATS.map((name) => `.${name}`).join(', ')}`,
    fix: 'Give the file (--out) such a name.',
  });
}

/** @throws DATA_OUTPUT_EXISTS */
export function checkTableFile(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path)) return;
  throw new SoftpromptError('DATA_OUTPUT_EXISTS', {
    found: `${path} exists already`,
    expected: 'a file that does not exist yet',
    fix: 'Choose another file (--out), or allow overwriting (--overwrite).',
  });
}
