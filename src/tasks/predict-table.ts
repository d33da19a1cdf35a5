import { createHash } from 'node:crypto';
import { readExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import {
  type BatchDone,
  type BatchHooks,
  type BatchPlace,
  checkBatchPlace,
  writeBatch,
} from '../data/writing/batch-table.js';
import type { OutputColumn } from '../data/writing/output-table.js';
import { inputFields } from './made-rows/text-rows.js';
import { type OpenPrompt, predict } from './open-prompt.js';
import { numbersOf } from './prompt-folder/saved-prompt.js';

/** Texts that are answered together, and between two saves. */
const ROWS_AT_ONCE = 256;

export interface PredictTableOptions extends BatchPlace {
  /** The texts. */
  readonly data: string;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly table?: TableOptions | undefined;
}

export interface PredictTableResult extends Omit<BatchDone, 'done'> {
  readonly out: string;
  /** Texts answered, those of earlier runs included. */
  readonly predictions: number;
}

/**
 * Labels the texts of a file into a table: the slots, `label` and its `probability`, in the order of the file. What an
 * interrupted run has done stays; memory does not grow with the rows.
 * @throws DATA_OUTPUT_EXISTS, DATA_FORMAT_UNKNOWN, BATCH_UNFINISHED, DATA_UNWRITABLE, and the errors of readExamples
 */
export async function predictTable(
  prompt: OpenPrompt,
  { data, columns, table, ...place }: PredictTableOptions,
  hooks: BatchHooks = {},
): Promise<PredictTableResult> {
  checkBatchPlace(place);
  const fields = inputFields(prompt.task.compiled.template);
  const texts = () => readExamples(data, { fields, columns, earlier: prompt.saved.columns, ...table });
  const request = createHash('sha256').update(fingerprint(prompt));
  let count = 0;
  for await (const { example } of texts()) {
    request.update(JSON.stringify(fields.map((field) => example.fields[field])));
    count += 1;
  }
  let rows = texts();
  let read = 0;
  const next = async () => {
    const { value, done } = await rows.next();
    if (done) throw new Error(`${data} has fewer rows than when it was counted`);
    read += 1;
    return value.example.fields;
  };
  const answer = async (start: number, end: number) => {
    if (start < read) [rows, read] = [texts(), 0];
    while (read < start) await next();
    const asked: Readonly<Record<string, string>>[] = [];
    while (read < end) asked.push(await next());
    const predictions = await predict(prompt, asked);
    return predictions.map(({ label, probabilities }, i) => [
      ...fields.map((field) => asked[i]![field] ?? ''),
      label,
      probabilities[label]!,
    ]);
  };
  const heading: OutputColumn[] = [
    ...fields.map((name) => ({ name, type: 'text' }) as const),
    { name: 'label', type: 'text' },
    { name: 'probability', type: 'number' },
  ];
  const questions = { columns: heading, request: request.digest('hex'), count, step: ROWS_AT_ONCE, answer };
  const { done, ...written } = await writeBatch(place, questions, hooks);
  return { ...written, out: place.out, predictions: done };
}

/** What a prompt answers by: others answer otherwise. */
function fingerprint({ saved, task }: OpenPrompt): Uint8Array {
  const { learned, calibration } = saved;
  const { values: _, ...how } = learned;
  const values = numbersOf(saved);
  const { template, labels } = task.compiled;
  const { hash } = task.model.checkpoint;
  return createHash('sha256')
    .update(JSON.stringify({ how, calibration, template, labels: [...labels], hash }))
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest();
}
