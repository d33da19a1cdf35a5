import type { Example } from '../data/example.js';
import { readExamples } from '../data/load-examples.js';
import type { OutputRow } from '../data/writing/output-table.js';
import { checkTableFile, tableFormat } from '../data/writing/table-file.js';
import { writeTable } from '../data/writing/write-table.js';
import { SoftpromptError } from '../errors.js';
import { openPrompt, otherModelNotes, type Prediction, predict } from '../tasks/open-prompt.js';
import { onlyField, templateFields } from '../tasks/text-task.js';
import { PREDICT } from '../tasks/use-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** Rows of a file that are answered together. */
const ROWS_AT_ONCE = 256;

export async function predictCommand(
  folder: string,
  text: string | undefined,
  flags: Flags & SharedFlags & TableFlags,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { data, out, overwrite, model, columns } = optionsFrom(PREDICT, flags);
  checkOneSource(text, data);
  if (out !== undefined) {
    if (data === undefined) required(undefined, '--data', 'the file whose rows --out is about');
    checkTableFile(out, overwrite ?? false);
  }
  const options = { ...modelOptions(flags), model };
  const prompt = await openPrompt(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(prompt, output);
  const fields = templateFields(prompt.task.compiled.template);
  if (text !== undefined) {
    const [prediction] = await predict(prompt, [{ [onlyField(fields)]: text }]);
    output.show(formatPrediction(prediction!));
    output.result({ text, ...prediction! });
    return;
  }
  const earlier = prompt.saved.columns;
  let rows: Example['fields'][] = [];
  let count = 0;
  const written: OutputRow[] = [];
  const answer = async () => {
    for (const [i, prediction] of (await predict(prompt, rows)).entries()) {
      if (out !== undefined) {
        const { label, probabilities } = prediction;
        written.push([...fields.map((field) => rows[i]![field] ?? ''), label, probabilities[label]!]);
        continue;
      }
      output.event({ event: 'prediction', row: count + i + 1, fields: rows[i]!, ...prediction });
      output.show(`${formatPrediction(prediction)}\t${fields.map((field) => rows[i]![field]).join('\t')}`);
    }
    count += rows.length;
    rows = [];
  };
  for await (const { example } of readExamples(data!, { fields, columns, earlier, ...tableOptions(flags) })) {
    rows.push(example.fields);
    if (rows.length === ROWS_AT_ONCE) await answer();
  }
  await answer();
  if (out !== undefined) {
    const heading = [
      ...fields.map((name) => ({ name, type: 'text' }) as const),
      { name: 'label', type: 'text' } as const,
      { name: 'probability', type: 'number' } as const,
    ];
    await writeTable(out, tableFormat(out), heading, written);
    output.say(`Wrote   ${out}: ${count} labels`);
  }
  output.result({ predictions: count, ...(out !== undefined && { out }) });
}

/** Says when the model is not the one that the prompt was learned for. */
export function noteOtherModel(prompt: Parameters<typeof otherModelNotes>[0], output: Output): void {
  for (const text of otherModelNotes(prompt)) output.note(text);
}

export function formatPrediction({ label, word, probabilities }: Prediction): string {
  return `${label} (${word.trim()}, ${(100 * probabilities[label]!).toFixed(1)} %)`;
}

function checkOneSource(text: string | undefined, data: string | undefined): void {
  if ((text === undefined) !== (data === undefined)) return;
  throw new SoftpromptError(text === undefined ? 'FLAG_MISSING' : 'FLAG_CONFLICT', {
    found: text === undefined ? 'There is neither a text nor --data' : 'There are both a text and --data',
    expected: 'one of them to predict',
    fix: 'Write `npx softprompt predict FOLDER "some text"`, or --data FILE.',
  });
}
