import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import type { TuneOptions } from '../../src/tasks/tune-options.js';

/** A Llama with random weights that reads characters. */
export const TINY_MODEL = 'test/fixtures/peft/model';

/** A copy of it with one weight changed by a little. */
export function otherWeights(folder: string): string {
  cpSync(TINY_MODEL, folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const bytes = readFileSync(path);
  bytes[bytes.length - 4]! ^= 1;
  writeFileSync(path, bytes);
  return folder;
}

const WORDS = {
  '0': ['bad', 'poor', 'rainy', 'sad'],
  '1': ['good', 'fine', 'sunny', 'happy'],
} as const;
const NEUTRAL = ['the', 'film', 'was', 'a', 'very', 'day', 'and', 'we', 'saw', 'it', 'old', 'new', 'his', 'her'];

/** Texts whose last word tells the label: a random model with the right prompt can learn that. No text occurs twice. */
export function wordRows(count: number, seed: number): { readonly text: string; readonly label: '0' | '1' }[] {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]) => list[random.integer(list.length)]!;
  const rows = new Map<string, { readonly text: string; readonly label: '0' | '1' }>();
  while (rows.size < count) {
    const label = pick(['0', '1'] as const);
    const text = `${pick(NEUTRAL)} ${pick(NEUTRAL)} ${pick(WORDS[label])}`;
    rows.set(text, { text, label });
  }
  return [...rows.values()];
}

export function writeRows(path: string, rows: readonly object[]): void {
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** A new folder with `train.jsonl` (300 rows), `valid.jsonl` and `test.jsonl` (100 each), all different. */
export function wordTaskFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'softprompt-task-'));
  const rows = wordRows(500, 1);
  writeRows(join(folder, 'train.jsonl'), rows.slice(0, 300));
  writeRows(join(folder, 'valid.jsonl'), rows.slice(300, 400));
  writeRows(join(folder, 'test.jsonl'), rows.slice(400));
  return folder;
}

/** A run on that folder. */
export function wordTask(folder: string, out: string): TuneOptions {
  return {
    model: TINY_MODEL,
    template: '[soft:10]{text} so{label}',
    labels: { '0': 'x', '1': 'o' },
    train: join(folder, 'train.jsonl'),
    valid: join(folder, 'valid.jsonl'),
    test: join(folder, 'test.jsonl'),
    out: join(folder, out),
    batchSize: 16,
    seed: 0,
  };
}
