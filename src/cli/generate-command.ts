import { readExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import type { Answer } from '../decoding/request.js';
import { SoftpromptError } from '../errors.js';
import type { Given } from '../options/option.js';
import { decodingOf } from '../tasks/generate-options.js';
import { type OpenGeneration, openGeneration } from '../tasks/open-generation.js';
import { onlyField } from '../tasks/text-task.js';
import { GENERATE } from '../tasks/use-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { withEncoding } from './inferred-flags.js';
import { readJsonSchema } from './json-schema-flag.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput, type Output } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** Rows of a file that are answered together. */
const ROWS_AT_ONCE = 64;

type GenerateFlags = Flags & SharedFlags & TableFlags & { readonly stream?: boolean };

export async function generateCommand(folder: string, text: string | undefined, given: GenerateFlags): Promise<void> {
  const output = createOutput(given.json ?? false);
  const flags = await withEncoding(given, [given.data], output);
  const options = optionsFrom(GENERATE, flags);
  const { data, slots, precision } = options;
  checkOneSource(text, options, flags.stream);
  const decoding = { ...decodingOf(options), ...(await readJsonSchema(options.jsonSchemaFile)) };
  const loading = { ...modelOptions(flags), model: options.model };
  const open = await openGeneration(folder, { ...loading, precision, ...loadingProgress(loading, output) });
  try {
    noteOtherModel(open, output);
    const asked = { maxNewTokens: open.maxNewTokens, ...decoding };
    if (data !== undefined) return await answerRows(open, asked, data, { ...options, ...tableOptions(flags) }, output);
    const fields = fieldsOf(open.task.fields, text, slots);
    const stream = open.generator.stream(fields, asked);
    if (flags.stream) {
      for await (const piece of stream) output.piece(piece);
      if (!output.json) output.piece('\n');
    }
    const answer = await stream.answer;
    if (!flags.stream) output.show(answer.text);
    output.result(told(answer));
  } finally {
    await open.close();
  }
}

async function answerRows(
  { task, generator, saved }: OpenGeneration,
  asked: Parameters<typeof generator.generate>[1] & object,
  data: string,
  { columns, ...table }: TableOptions & Pick<Given<typeof GENERATE>, 'columns'>,
  output: Output,
): Promise<void> {
  let rows: Readonly<Record<string, string>>[] = [];
  let count = 0;
  const answer = async () => {
    const answers = await generator.generate(rows, { ...asked, seed: (asked.seed ?? 0) + count });
    for (const [i, one] of answers.entries()) {
      output.event({ event: 'answer', row: count + i + 1, fields: rows[i]!, ...told(one) });
      output.show(one.text.replaceAll('\n', '\\n')); // a line a row
    }
    count += rows.length;
    rows = [];
  };
  for await (const { example } of readExamples(data, {
    fields: task.fields,
    columns,
    earlier: saved.columns,
    ...table,
  })) {
    rows.push(example.fields);
    if (rows.length === ROWS_AT_ONCE) await answer();
  }
  await answer();
  output.result({ answers: count });
}

const told = ({ text, ids, ended }: Answer) => ({ text, ended, tokens: ids.length });

/** A text for each slot: the one text of a template with one slot, or --slot name=text. */
function fieldsOf(
  slots: readonly string[],
  text: string | undefined,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const fields: Record<string, string> = { ...given };
  const stray = Object.keys(fields).find((name) => !slots.includes(name));
  if (stray !== undefined) {
    throw new SoftpromptError('FIELD_MISSING', {
      found: `--slot ${stray}=…, and the template has no slot {${stray}}`,
      expected: slots.map((name) => `{${name}}`).join(' '),
      fix: 'Name a slot of the template.',
    });
  }
  if (text !== undefined) fields[onlyField(slots.filter((name) => !Object.hasOwn(fields, name)))] = text;
  return fields;
}

function checkOneSource(
  text: string | undefined,
  { data, slots }: Given<typeof GENERATE>,
  stream: boolean | undefined,
): void {
  if (data !== undefined && (text !== undefined || slots !== undefined || stream)) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: `There are both --data and ${stream ? '--stream' : 'a text'}`,
      expected: 'one of them',
      fix: 'Write `npx softprompt generate FOLDER "some text"`, or --data FILE.',
    });
  }
  if (data === undefined && text === undefined && slots === undefined) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: 'There is neither a text nor --data',
      expected: 'one of them to go on with',
      fix: 'Write `npx softprompt generate FOLDER "some text"`, --slot name=text for each slot, or --data FILE.',
    });
  }
}
