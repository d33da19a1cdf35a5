import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../src/random.js';

export const SHARED = '../shared';
export const MODEL = `${SHARED}/models/smollm2-135m-instruct`;
export const GGUF = 'SmolLM2-135M-Instruct.Q4_1.gguf';
export const LABELS = '{"0":" terrible","1":" great"}';
export const CUE = ' It was';

/**
 * SST-2 as JSONL files in a temporary folder: `trainRows` training phrases (a seeded sample), GLUE's development set and
 * the 1,821 labelled test sentences.
 */
export function sst2Files(trainRows: number): {
  readonly train: string;
  readonly valid: string;
  readonly test: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'sst2-'));
  const source = `${SHARED}/data/text/en_sst2_glue`;
  const rows = (text: string) =>
    text
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split('\t') as [string, string]);
  const write = (name: string, pairs: readonly [string, string][]) => {
    const path = join(folder, `${name}.jsonl`);
    writeFileSync(path, pairs.map(([text, label]) => `${JSON.stringify({ text: text.trim(), label })}\n`).join(''));
    return path;
  };
  const all = rows(gunzipSync(readFileSync(`${source}/train.tsv.gz`)).toString('utf8'));
  return {
    train: write('train', new Random(0).shuffle(all).slice(0, trainRows)),
    valid: write('valid', rows(readFileSync(`${source}/dev.tsv`, 'utf8'))),
    test: write('test', rows(readFileSync(`${source}/test-labeled.tsv`, 'utf8'))),
  };
}

/** The first `count` lines of a file, as a file beside it. */
export function head(path: string, count: number): string {
  const short = path.replace(/\.jsonl$/, `-${count}.jsonl`);
  writeFileSync(short, `${readFileSync(path, 'utf8').split(/\r?\n/).slice(0, count).join('\n')}\n`);
  return short;
}
