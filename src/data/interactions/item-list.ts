import { SoftpromptError } from '../../errors.js';
import { isMissingMark } from '../missing-marks.js';
import { beginsAsList, readList } from './list-text.js';

/** What may separate the items of a list that has no brackets; white space where none of them is there. */
const SEPARATORS = [',', '|', ';', '\t', '，', '、', '；', '->', '>', '~', '^', '\u0001', '\u0002'];

interface ListSample {
  readonly text: string;
  readonly row: number;
}

/** How the lists of a column are written. */
export type ListStyle = 'brackets' | { readonly separator: string };

/** Looks through all lists of a column, to decide how they are written. */
export class ListSurvey {
  private brackets: ListSample | undefined;
  private bare: ListSample | undefined;
  private readonly separators = new Map<string, ListSample>();
  /** White space that stands beside no separator. */
  private spaced: ListSample | undefined;

  look(text: string, row: number): void {
    const trimmed = text.trim();
    if (isEmptyList(trimmed) || isMissingMark(trimmed)) return;
    const sample = { text, row };
    if (beginsAsList(trimmed) && !isPlainText(trimmed)) {
      this.brackets ??= sample;
      return;
    }
    this.bare ??= sample;
    let rest = trimmed.replaceAll(QUOTED, '_');
    for (const separator of SEPARATORS) {
      if (!rest.includes(separator)) continue;
      if (!this.separators.has(separator)) this.separators.set(separator, sample);
      rest = rest
        .split(separator)
        .map((part) => part.trim())
        .join('\u0000');
    }
    if (/\s/.test(rest)) this.spaced ??= sample;
  }

  /** @throws DATA_LIST_INVALID where it cannot be told */
  decide(source: string, column: string): ListStyle {
    const { brackets, bare, spaced } = this;
    const [first, second] = [...this.separators];
    if (bare === undefined) return 'brackets';
    const cannot = (found: string) =>
      new SoftpromptError('DATA_LIST_INVALID', {
        found: `${source}:${found}, in '${column}'`,
        expected: 'lists that are all written in one way',
        fix: 'Say what separates the items with --list-delimiter, such as \',\' or \' \', or write each list as JSON, such as ["a","b"].',
      });
    if (brackets)
      throw cannot(`${brackets.row} has ${shown(brackets)} with brackets, and row ${bare.row} ${shown(bare)} without`);
    if (second)
      throw cannot(
        `${first![1].row} has ${shown(first![1])}, and row ${second[1].row} ${shown(second[1])}: ${JSON.stringify(first![0])} and ${JSON.stringify(second[0])} may separate the items`,
      );
    if (first && spaced)
      throw cannot(`${spaced.row} has ${shown(spaced)}: ${JSON.stringify(first[0])} and spaces may separate the items`);
    return { separator: first?.[0] ?? ' ' };
  }
}

/**
 * The ids of a list.
 * @throws DATA_LIST_INVALID, with its place
 */
export function readItemList(
  text: string,
  style: ListStyle,
  place: { source: string; row: number; column: string },
): string[] {
  const trimmed = text.trim();
  if (isEmptyList(trimmed) || isMissingMark(trimmed)) return [];
  if (style !== 'brackets') return separated(trimmed, style.separator);
  const read = readList(trimmed);
  const fault =
    'fault' in read ? read.fault : read.ordered ? undefined : 'is a set, which says nothing of the order of time';
  if (fault === undefined && 'members' in read) return [...read.members];
  throw new SoftpromptError('DATA_LIST_INVALID', {
    found: `${place.source}:${place.row} has ${shown({ text, row: place.row })} in '${place.column}', which ${fault}`,
    expected: 'a list of ids in the order of time, such as ["a","b"], [\'a\', \'b\'], [1 2 3], (1, 2), a,b or a|b',
    fix: 'Write the list as JSON, or say what separates the items with --list-delimiter.',
  });
}

/** Whether a text is empty, or a list of nothing. */
export function isEmptyList(text: string): boolean {
  return text.length <= LONGEST_EMPTY && EMPTY.test(text.trim());
}

const LONGEST_EMPTY = 100;

const EMPTY =
  /^(?:(?:np\.|numpy\.)?(?:array|list|tuple|deque|set|frozenset)\()?(?:\[[\s,[\]'"]*\]|\([\s,]*\)|\{[\s,]*\})?(?:,\s*\w+=[^()]*)?\)?$/;
const QUOTED = /(?<=^|[,|;\s])(?:"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.)*')(?=$|[,|;\s])/g;

function separated(text: string, separator: string): string[] {
  const quoted: string[] = [];
  const held = text.replaceAll(QUOTED, (member) => {
    const inner = member.slice(1, -1);
    return `\ue000${quoted.push(member.startsWith('"') ? inner.replaceAll('""', '"') : inner) - 1}\ue000`;
  });
  const parts = separator.trim() === '' && separator !== '\t' ? held.split(/\s+/) : held.split(separator);
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const place = /^\ue000(\d+)\ue000$/.exec(part);
      return place ? quoted[Number(place[1])]! : part;
    });
}

/** A text that only begins as a list does, such as `(What's the Story) Morning Glory` */
function isPlainText(text: string): boolean {
  return 'fault' in readList(text) && !/[\])}]$/.test(text) && !/,/.test(text);
}

function shown({ text }: ListSample): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
