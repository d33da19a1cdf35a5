import { z } from 'zod';
import type { LabelScores } from '../evaluation/label-scores.js';

/** Scores of a run's best prompt on the rows that validate and those that test, as JSON: float32 as base64. */
const record = z.object({ valid: z.string(), test: z.string().optional() });

export interface KnownScores {
  readonly valid: LabelScores;
  readonly test?: LabelScores | undefined;
}

export function scoresToKeep(
  { validScores, scores }: { readonly validScores: LabelScores; readonly scores: LabelScores },
  hasTest: boolean,
): z.infer<typeof record> {
  return { valid: written(validScores), ...(hasTest && { test: written(scores) }) };
}

/** @param kept what `scoresToKeep` gave; anything else is nothing */
export function keptScores(kept: unknown, classes: number): KnownScores | undefined {
  const { data } = record.safeParse(kept);
  if (data === undefined) return undefined;
  const { valid, test } = data;
  return { valid: read(valid, classes), test: test === undefined ? undefined : read(test, classes) };
}

const written = ({ values: { buffer, byteOffset, byteLength } }: LabelScores): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function read(text: string, classes: number): LabelScores {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return { values: new Float32Array(bytes.buffer), classes };
}
