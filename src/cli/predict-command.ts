import type { Example } from '../data/example.js';
import { readExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import { checkBatchPlace } from '../data/writing/batch-table.js';
import { SoftpromptError } from '../errors.js';
import { inputFields } from '../tasks/made-rows/text-rows.js';
import { type OpenPrompt, openPrompt, type Prediction, predict } from '../tasks/open-prompt.js';
import { type PredictTableResult, predictTable } from '../tasks/predict-table.js';
import { onlyField } from '../tasks/text-task.js';
import { PREDICT } from '../tasks/use-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { withEncoding } from './inferred-flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput, type Output } from './output.js';
import { batchElsewhere, withModel, withoutPlace } from './queued-batches.js';
import { type BatchEvent, runJob } from './run-job.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** Rows of a file that are answered together. */
const ROWS_AT_ONCE = 256;

export async function predictCommand(
  folder: string,
  text: string | undefined,
  given: Flags & SharedFlags & TableFlags,
): Promise<void> {
  const flags = await withEncoding(given, [given.data], createOutput(given.json ?? false));
  const { data, out, overwrite, shard, shards, model, columns } = optionsFrom(PREDICT, flags);
  checkOneSource(text, data);
  const about = { '--out': out, '--shard': shard, '--shards': shards, '--on': flags.on };
  const flag = Object.entries(about).find(([, value]) => value !== undefined)?.[0];
  if (flag !== undefined && data === undefined) required(undefined, '--data', `the file whose rows ${flag} is about`);
  if (flag !== undefined && out === undefined)
    required(undefined, '--out', `a file for the labels that ${flag} is about`);
  const place = { out: out!, overwrite, shard, shards };
  if (out !== undefined) checkBatchPlace(place); // before the model is loaded
  const opened = async (output: Output) => {
    const options = { ...modelOptions(flags), model };
    const prompt = await openPrompt(folder, { ...options, ...loadingProgress(options, output) });
    noteOtherModel(prompt, output);
    return prompt;
  };
  if (out === undefined) {
    const output = createOutput(flags.json ?? false);
    const prompt = await opened(output);
    await (text === undefined
      ? sayLabels(prompt, data!, { columns, ...tableOptions(flags) }, output)
      : sayLabel(prompt, text, output));
    return;
  }
  await runJob<BatchEvent, PredictTableResult>(flags, {
    run: async ({ signal, onEvent, elsewhere }) => {
      const output = createOutput(flags.json ?? false);
      if (elsewhere) {
        const asked = withoutPlace({ ...(await withModel(folder, flags)), data });
        const batch = { elsewhere, kind: 'predict', folder, flags: asked, signal } as const;
        const { done, ...written } = await batchElsewhere(place, batch);
        return { ...written, resumedAfter: 0, out, predictions: done };
      }
      const prompt = await opened(output);
      const onProgress = (done: number, all: number) => onEvent?.({ event: 'progress', done, all });
      const asked = { data: data!, columns, table: tableOptions(flags), ...place };
      return predictTable(prompt, asked, { signal, onNote: output.note, onProgress });
    },
    sayEvent: ({ done, all }, output) => output.progress('labelling', done, all),
    sayInterrupted: ({ predictions }, output) =>
      output.say(`Interrupted after ${predictions} texts; the same command goes on`),
    sayResult: ({ files, predictions }, output) =>
      output.say(`Wrote   ${files.length === 1 ? files[0] : `${files.length} files`}: ${predictions} labels`),
  });
}

async function sayLabel(prompt: OpenPrompt, text: string, output: Output): Promise<void> {
  const [prediction] = await predict(prompt, [{ [onlyField(inputFields(prompt.task.compiled.template))]: text }]);
  output.show(formatPrediction(prediction!));
  output.result({ text, ...prediction! });
}

async function sayLabels(
  prompt: OpenPrompt,
  data: string,
  table: TableOptions & { readonly columns: Readonly<Record<string, string>> | undefined },
  output: Output,
): Promise<void> {
  const fields = inputFields(prompt.task.compiled.template);
  let rows: Example['fields'][] = [];
  let count = 0;
  const answer = async () => {
    for (const [i, prediction] of (await predict(prompt, rows)).entries()) {
      output.event({ event: 'prediction', row: count + i + 1, fields: rows[i]!, ...prediction });
      output.show(`${formatPrediction(prediction)}\t${fields.map((field) => rows[i]![field]).join('\t')}`);
    }
    count += rows.length;
    rows = [];
  };
  for await (const { example } of readExamples(data, { fields, earlier: prompt.saved.columns, ...table })) {
    rows.push(example.fields);
    if (rows.length === ROWS_AT_ONCE) await answer();
  }
  await answer();
  output.result({ predictions: count });
}

export function formatPrediction({ label, word, probabilities }: Prediction): string {
  const said = word.trim() === label ? '' : `${word.trim()}, `;
  return `${label} (${said}${(100 * probabilities[label]!).toFixed(1)} %)`;
}

function checkOneSource(text: string | undefined, data: string | undefined): void {
  if ((text === undefined) !== (data === undefined)) return;
  throw new SoftpromptError(text === undefined ? 'FLAG_MISSING' : 'FLAG_CONFLICT', {
    found: text === undefined ? 'There is neither a text nor --data' : 'There are both a text and --data',
    expected: 'one of them to predict',
    fix: 'Write `npx softprompt predict FOLDER "some text"`, or --data FILE.',
  });
}
