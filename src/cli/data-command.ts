import { convertData, type WrittenFile } from '../data/preparation/convert-data.js';
import { WRITING } from '../data/writing/writing-options.js';
import { SoftpromptError } from '../errors.js';
import { settle } from '../options/settle.js';
import { describeData } from '../recommend/preparation/describe-data.js';
import { splitData } from '../recommend/preparation/split-data.js';
import {
  type DataFlags,
  filterOptions,
  interactionSource,
  readingOptions,
  requiredInteractions,
} from './data-flags.js';
import { formatDescription, formatLeaks } from './data-text.js';
import { optionsFrom } from './option-flags.js';
import { createOutput, type Output } from './output.js';

export async function describeCommand(flags: DataFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const description = await describeData({
    interactions: requiredInteractions(flags),
    items: flags.items,
    users: flags.users,
    ...readingOptions(flags),
    ...filterOptions(flags),
  });
  output.result(description);
  output.say(formatDescription(description, output.width));
}

export async function convertCommand(flags: DataFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const interactions = interactionSource(flags);
  if (interactions === undefined && flags.items === undefined && flags.users === undefined) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: 'There is nothing to convert',
      expected: '--interactions, --items or --users, one or several of them',
      fix: 'Add the flag of the table that the file holds.',
    });
  }
  const notes: string[] = [];
  const files = await convertData({
    onNote: (note) => notes.push(note),
    interactions,
    items: flags.items,
    users: flags.users,
    ...readingOptions(flags),
    ...writingOptions(flags),
  });
  output.result({ files, notes });
  for (const note of notes) output.say(`Note    ${note}`);
  sayFiles(files, output);
}

export async function splitCommand(flags: DataFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { interactionTable, itemTable } = readingOptions(flags);
  const result = await splitData({
    interactions: requiredInteractions(flags),
    ...{ interactionTable, itemTable },
    ...filterOptions(flags),
    ...writingOptions(flags),
  });
  output.result(result);
  for (const note of result.notes) output.say(`Note    ${note}`);
  output.say(`Split   ${result.protocol}`);
  sayFiles(result.files, output);
  output.say(`\n${formatLeaks(result.leaks, output.width)}`);
}

function writingOptions(flags: DataFlags) {
  return settle(WRITING, optionsFrom(WRITING, flags), 'FLAG_INVALID');
}

function sayFiles(files: readonly WrittenFile[], output: Output): void {
  for (const { path, rows, columns } of files) output.say(`Wrote   ${path}: ${rows} rows of ${columns.join(', ')}`);
}
