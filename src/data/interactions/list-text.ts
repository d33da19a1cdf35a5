import { isMissingMark } from '../missing-marks.js';

/** A text in brackets as a list of texts, or why it is none: in words that follow the text. */
export type ListRead = { readonly members: readonly string[]; readonly ordered: boolean } | { readonly fault: string };

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const WRAPPER =
  /^(?:(?:np|numpy|pd|collections)\.)?(array|list|tuple|deque|set|frozenset|Index|Series|Array|List|Vector|WrappedArray|ArrayBuffer)(?=[([])/;

/** Whether a text begins as a list in brackets does, or as a call with several values. */
export function beginsAsList(text: string): boolean {
  return WRAPPER.test(text) || /^(?:[[({]|[A-Za-z_][\w.]*\([^)]*,[\s\S]*\)$)/.test(text);
}

/**
 * A list as Python, NumPy, JSON, Postgres or Java print it: `['a', "b"]`, `[1 2 3]`, `('a',)`, `["a"]`, `{a,b}`, `[a, b]`,
 * `array(['a'], dtype=object)`. Numbers stay as they are written.
 */
export function readList(text: string): ListRead {
  try {
    return new ListReader(text.trim()).whole();
  } catch (error) {
    if (error instanceof ListFault) return { fault: error.message };
    throw error;
  }
}

class ListFault extends Error {}

interface Member {
  readonly text: string;
  readonly bare: boolean;
}

class ListReader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): ListRead {
    const wrapper = WRAPPER.exec(this.text);
    const unordered = wrapper !== null && wrapper[1]!.endsWith('set');
    if (wrapper) {
      this.at = wrapper[0].length;
      const inner = /^\(\s*(?=[[({])/.exec(this.text.slice(this.at));
      if (inner) this.at += inner[0].length; // array([…], dtype=object)
      const list = this.brackets();
      if (inner && !/^\s*(?:,\s*\w+\s*=[^()[\]]*)*\)$/.test(this.text.slice(this.at)))
        this.fail('does not end with its list');
      else if (!inner && this.at < this.text.length) this.fail('goes on after its list');
      return { members: list.members, ordered: !unordered && list.ordered };
    }
    const list = this.brackets();
    if (this.at < this.text.length) this.fail('goes on after its list');
    return list;
  }

  /** From an opening bracket to its closing one. */
  private brackets(): { members: string[]; ordered: boolean } {
    const open = this.text[this.at]!;
    const close = CLOSING[open];
    if (close === undefined) this.fail('has no brackets');
    this.at += 1;
    const members: Member[] = [];
    let commas = 0;
    let spacedCommas = 0;
    for (;;) {
      this.skipSpace();
      const next = this.text[this.at];
      if (next === undefined) this.fail('does not end: it seems to be cut off');
      if (next === close) break;
      if (next === ',') {
        commas += 1;
        this.at += 1;
        if (/\s/.test(this.text[this.at] ?? '')) spacedCommas += 1;
      } else members.push(this.member(close!));
    }
    this.at += 1;
    const texts = commas > 0 ? members.map(({ text }) => text) : members.flatMap((member) => this.apart(member));
    for (const { text, bare } of members) {
      if (bare && /^(?:\.\.\.|…)$|\.\.\./.test(text))
        this.fail('is cut short by its dots: it does not hold all members');
      if (bare && isMissingMark(text)) this.fail(`holds ${text}`);
    }
    // Python prints sets with a space after each comma, or quoted alike; Postgres prints arrays without
    const pythonSet = open === '{' && (spacedCommas > 0 || /^\{\s*'/.test(this.text));
    return { members: texts.filter((text) => text !== ''), ordered: !pythonSet };
  }

  private member(close: string): Member {
    const string = /^(?:[ubr]{0,2})(?=["'])/i.exec(this.text.slice(this.at, this.at + 3));
    if (string) {
      this.at += string[0].length;
      return { text: this.quoted(), bare: false };
    }
    const call = /^[A-Za-z_][\w.]*\(/.exec(this.text.slice(this.at, this.at + 40));
    if (call) return this.wrappedMember(call[0]);
    if (CLOSING[this.text[this.at]!] !== undefined) this.fail('holds a list or an object');
    const start = this.at;
    while (this.at < this.text.length && this.text[this.at] !== ',' && this.text[this.at] !== close) this.at += 1;
    const text = this.text.slice(start, this.at).trim();
    if (/["'[\](){}]/.test(text.replaceAll(/(?<=\p{L})'(?=\p{L})/gu, ''))) this.fail(`holds ${JSON.stringify(text)}`);
    return { text: numberOf(text), bare: true };
  }

  /** `np.int64(7)`, `np.str_('x')`, `UUID('…')` */
  private wrappedMember(call: string): Member {
    const end = /^\s*(-?[\w.+]+)\s*\)/.exec(this.text.slice(this.at + call.length));
    if (end) {
      this.at += call.length + end[0].length;
      return { text: end[1]!, bare: true };
    }
    this.at += call.length;
    const mark = this.text[this.at];
    if (mark !== '"' && mark !== "'") this.fail(`holds ${call}…`);
    const text = this.quoted();
    if (this.text[this.at] !== ')') this.fail(`holds ${call}…`);
    this.at += 1;
    return { text, bare: false };
  }

  private quoted(): string {
    const mark = this.text[this.at]!;
    let value = '';
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const next = this.text[this.at]!;
      if (next === mark) {
        this.at += 1;
        return value;
      }
      value += next === '\\' ? this.escaped() : next;
    }
    return this.fail('has a quote that does not end');
  }

  private escaped(): string {
    this.at += 1;
    const next = this.text[this.at] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[next];
    if (digits === undefined) return ESCAPES[next] ?? this.fail(`holds \\${next}`);
    const code = this.text.slice(this.at + 1, this.at + 1 + digits);
    if (!new RegExp(`^[0-9a-f]{${digits}}$`, 'i').test(code) || Number.parseInt(code, 16) > 0x10ffff) {
      this.fail(`holds \\${next}${code}`);
    }
    this.at += digits;
    return String.fromCodePoint(Number.parseInt(code, 16));
  }

  /** NumPy separates numbers by spaces alone. */
  private apart({ text, bare }: Member): string[] {
    if (!bare || !/\s/.test(text)) return [text];
    const words = text.split(/\s+/);
    if (words.includes('...')) this.fail('is cut short by its dots: it does not hold all members');
    if (!words.every((word) => /^[+-]?[\d.]+(?:e[+-]?\d+)?$/i.test(word))) {
      this.fail('may be one text with spaces, or several without commas');
    }
    return words.map(numberOf);
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  private fail(fault: string): never {
    throw new ListFault(fault);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '\\': '\\',
  '/': '/',
  '"': '"',
  "'": "'",
};

/** NumPy prints the float 101 as `101.` */
function numberOf(text: string): string {
  return /^-?\d+\.$/.test(text) ? text.slice(0, -1) : text;
}

/** Ids as JSON, or with commas, bars or spaces between. */
export function idList(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) {
    const read = readList(trimmed);
    if ('members' in read) return read.members.filter((id) => id !== '');
  }
  const separator = trimmed.includes(',') ? ',' : trimmed.includes('|') ? '|' : /\s+/;
  return trimmed
    .split(separator)
    .map((id) => id.trim())
    .filter((id) => id !== '');
}
