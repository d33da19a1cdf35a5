import { isMissingMark } from '../missing-marks.js';
import { beginsAsList, readList } from './list-text.js';

/** An id that so large a share of many rows has is hardly one user. */
const LARGEST_SHARE = 0.5;
const FEWEST_ROWS = 20;
const FEWEST_IDS = 5;

/** What is odd about the ids of a column, for people. @param counts [ids] the rows of each */
export function idNotes(of: 'user' | 'item', column: string, ids: readonly string[], counts: Int32Array): string[] {
  const notes: string[] = [];
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const largest = counts.indexOf(maximum(counts));
  for (const [code, id] of ids.entries()) {
    if (!isMissingMark(id)) continue;
    notes.push(
      `${counts[code]} of ${rows} rows have ${JSON.stringify(id)} in '${column}', which counts as one ${of} of that name: if it stands for nothing, leave these rows out (--drop-invalid) or name another column (--${of}-column)`,
    );
  }
  const most = ids[largest];
  if (
    of === 'user' &&
    most !== undefined &&
    !isMissingMark(most) &&
    ids.length >= FEWEST_IDS &&
    rows >= FEWEST_ROWS &&
    counts[largest]! > LARGEST_SHARE * rows
  ) {
    notes.push(
      `one user, ${JSON.stringify(most)}, has ${counts[largest]} of ${rows} rows: is it somebody? (--user-column)`,
    );
  }
  const spaced = ids.filter((id) => id !== id.trim());
  if (spaced.length > 0) {
    notes.push(
      `${spaced.length} of ${ids.length} ${of} ids in '${column}' have spaces around them, such as ${JSON.stringify(spaced[0])}: they are kept, and are other ids than those without (on the command line, give them as JSON: '${JSON.stringify([spaced[0]])}')`,
    );
  }
  const lists = of === 'item' ? ids.filter(isListOfSeveral) : [];
  if (lists.length > ids.length / 2) {
    notes.push(
      `${lists.length} of ${ids.length} item ids in '${column}' are lists, such as ${JSON.stringify(lists[0]!.slice(0, 60))}, each taken for one item: where a row holds all items of a user, give --layout sequences and --history-column`,
    );
  }
  const floats = ids.filter((id) => FLOAT.test(id));
  if (floats.length > 0) {
    const plain = new Set(ids);
    const both = floats.filter((id) => plain.has(id.replace(/\.0+$/, ''))).length;
    notes.push(
      `${floats.length} of ${ids.length} ${of} ids in '${column}' are written as ${floats[0]}, which is another id than ${floats[0]!.replace(/\.0+$/, '')}${both > 0 ? `; ${both} of them are there in both ways` : ''}`,
    );
  }
  return notes;
}

function isListOfSeveral(id: string): boolean {
  if (!beginsAsList(id)) return false;
  const read = readList(id);
  return 'members' in read && read.members.length > 1;
}

const FLOAT = /^-?\d+\.0+$/;

function maximum(counts: Int32Array): number {
  let most = 0;
  for (const count of counts) if (count > most) most = count;
  return most;
}
