import { readTextBlocks } from '../../data/text-blocks.js';
import { writeFileAtomically } from '../../files/atomic-file.js';

/** Characters that are written at once. */
const PIECE = 2 ** 20;

/** Writes a JSON value a line: however many they are, no string holds them all. Never leaves a torn file. */
export function writeJsonLines(path: string, values: Iterable<unknown>): Promise<void> {
  return writeFileAtomically(path, async (file) => {
    let lines = '';
    for (const value of values) {
      lines += `${JSON.stringify(value)}\n`;
      if (lines.length < PIECE) continue;
      await file.writeFile(lines);
      lines = '';
    }
    await file.writeFile(lines);
  });
}

/** Reads what `writeJsonLines` wrote. Errors: those of readTextBlocks and JSON.parse. */
export async function* readJsonLines(path: string): AsyncGenerator<unknown> {
  let rest = '';
  for await (const block of readTextBlocks(path)) {
    const lines = (rest + block).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
  if (rest !== '') throw new SyntaxError(`The last line of ${path} is cut off`);
}
