/**
 * English message → the same in another language. Both name the parts that are filled in `{0}`, `{1}`, …, in the order of the
 * English; `{0:word}` in the translation is a noun, of those that are translated only where a message says so.
 */
export type Catalogue = Readonly<Record<string, string>>;

/** A message with parts that are filled in. */
interface Pattern {
  /** The parts that stand in quotes: names, commands, values, which stay as they are. */
  readonly quoted: readonly boolean[];
  readonly expression: RegExp;
  readonly translated: string;
  /** The fixed text before the first part. */
  readonly begins: string;
  /** The longest fixed text of it: what does not hold that, does not hold the message. */
  readonly longest: string;
  /** Characters of fixed text: of several messages that fit, the one that says most is meant. */
  readonly fixed: number;
}

/** What a catalogue makes of texts. A text that no message fits stays as it is. */
export class Translator {
  private readonly exact = new Map<string, string>();
  private readonly patterns: Pattern[] = [];
  private readonly known = new Map<string, Translation>();

  /**
   * @param nouns words that are translated where a message says so
   * @param things what is counted, by its singular: translated behind a number, with the word that counts it
   */
  constructor(
    catalogues: readonly Catalogue[],
    private readonly nouns: Catalogue = {},
    private readonly things: Catalogue = {},
  ) {
    for (const catalogue of catalogues) {
      for (const [english, translated] of Object.entries(catalogue)) {
        if (/\{\d+\}/.test(english)) this.patterns.push(patternOf(english, translated));
        else this.exact.set(english, translated);
      }
    }
    this.patterns.sort((a, b) => b.fixed - a.fixed);
  }

  translate(text: string): string {
    return this.best(text, 0).text;
  }

  /** The translation that understands most of a text: as one message, or as several one after the other. */
  private best(text: string, depth: number): Translation {
    const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text)!;
    if (inner !== text) {
      const { text: told, understood } = this.best(inner, depth);
      const ends = after === ' ' && /[，。；：]$/.test(told) ? '' : after; // these have room of their own
      const starts = before === ' ' && /^[，。；：]/.test(told) ? '' : before;
      return { text: starts + told + ends, understood };
    }
    const exact = this.exact.get(text);
    if (exact !== undefined) return { text: exact, understood: text.length };
    if (QUOTED.test(text))
      return { text: text.replace(/'(.*?)'(, )?/g, (_, name, more) => `“${name}”${more ? '、' : ''}`), understood: 0 };
    if (depth > DEEPEST || !/[a-z]{2}/i.test(text)) return { text, understood: 0 };
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const whole = this.asMessage(text, depth);
    const result = whole.understood >= 0.9 * text.length ? whole : better(whole, this.asParts(text, depth));
    if (this.known.size > MOST_KNOWN) this.known.clear();
    this.known.set(text, result);
    return result;
  }

  private asMessage(text: string, depth: number): Translation {
    if (text.length > LONGEST) return { text, understood: 0 };
    const [head] = HEAD.exec(text) ?? [];
    const headed = head === undefined ? [] : this.patterns.filter(({ begins }) => begins.startsWith(head));
    const asHeaded = this.bestOf(headed, text, depth);
    return asHeaded.understood > 0 ? asHeaded : this.bestOf(this.patterns, text, depth);
  }

  private bestOf(patterns: readonly Pattern[], text: string, depth: number): Translation {
    let result: Translation = { text, understood: 0 };
    let tried = 0;
    for (const { expression, translated, longest, fixed, quoted } of patterns) {
      if (fixed + text.length * 0.02 < result.understood && tried > 0) break;
      if (!text.includes(longest)) continue;
      const match = expression.exec(text);
      if (match === null) continue;
      const parts = match
        .slice(1)
        .map((part, i) => (quoted[i] ? { text: part, understood: 0 } : this.best(part, depth + 1)));
      const understood = fixed + parts.reduce((sum, part) => sum + part.understood, 0);
      if (understood > result.understood) {
        const filled = parts.map(({ text }, i) => ({ text, noun: this.nouns[match[i + 1]!] ?? text }));
        result = { text: fillIn(translated, filled), understood };
      }
      tried += 1;
      if (tried === TRIED) break;
    }
    return result;
  }

  /** Lines, or the way to take it apart that is understood best. */
  private asParts(text: string, depth: number): Translation {
    const lines = this.atSeams(text, depth, SEAMS.slice(0, 2));
    if (lines !== undefined) return lines;
    const ways = [
      this.aroundBrackets(text, depth),
      this.atSeams(text, depth, SEAMS.slice(2)),
      this.counted(text),
      this.named(text, depth),
      this.marked(text, depth),
    ];
    return ways.reduce<Translation>((best, way) => (way ? better(best, way) : best), { text, understood: 0 });
  }

  /** What stands in brackets, before and behind them; some messages have brackets of their own. */
  private aroundBrackets(text: string, depth: number): Translation | undefined {
    const [, before = '', inner = '', after = ''] = /^(.*?) ?\(([^()]*)\)(.*)$/s.exec(text) ?? [];
    if (inner === '') return undefined;
    const [told, bare, rest] = [before, inner, after].map((part) => this.best(part, depth + 1));
    const own = this.asMessage(`(${inner})`, depth + 1);
    const within = own.understood > bare!.understood ? own : { ...bare!, text: `（${bare!.text}）` };
    if (within.understood === 0) return undefined;
    const understood = told!.understood + within.understood + rest!.understood;
    return { text: `${told!.text}${within.text}${rest!.text}`, understood };
  }

  /** A number of things: `12 new users`. */
  private counted(text: string): Translation | undefined {
    const [, number = '', things = ''] = /^([\d.,]+) (.+)$/.exec(text) ?? [];
    const one = things.replace(/s$/, '');
    const told = this.things[one] ?? this.exact.get(things) ?? this.exact.get(one);
    return told === undefined ? undefined : { text: `${number} ${told}`, understood: text.length };
  }

  /** A name with its number. */
  private named(text: string, depth: number): Translation | undefined {
    const [, name = '', number = ''] = /^(.*\D)( [\d.,]+(?: %)?)$/.exec(text) ?? [];
    if (name === '') return undefined;
    const { text: told, understood } = this.best(name, depth + 1);
    return understood > 0 ? { text: told + number, understood: understood + number.length } : undefined;
  }

  /** A sentence without the mark at its end. */
  private marked(text: string, depth: number): Translation | undefined {
    const [, sentence = '', mark = ''] = /^(.*?)( ?[.:…]*)$/s.exec(text)!;
    if (mark === '' || sentence === '') return undefined;
    const { text: told, understood } = this.best(sentence, depth + 1);
    return { text: told + (understood === 0 ? mark : mark.replace(/^\.$/, '。').replace(/^:/, '：')), understood };
  }

  /** The parts between the first of these seams that a text has, where something of them is understood. */
  private atSeams(text: string, depth: number, seams: readonly Seam[]): Translation | undefined {
    for (const { between, sign, joined } of seams) {
      const pieces = text.split(between);
      if (pieces.length === 1) continue;
      const parts = pieces.map((piece) => this.best(piece, depth + 1));
      // some messages begin with the sign that ties them to what stands before
      const tied = pieces.map((piece, i) =>
        sign === '' || i === 0 ? undefined : this.asMessage(sign + piece, depth + 1),
      );
      const understood = parts.reduce((sum, part, i) => sum + Math.max(part.understood, tied[i]?.understood ?? 0), 0);
      if (understood === 0) continue;
      const whole = parts.reduce((told, part, i) => {
        const own = tied[i];
        if (own !== undefined && own.understood > part.understood) return told + own.text;
        return i === 0 ? part.text : joined(told, part.text);
      }, '');
      return { text: whole, understood };
    }
    return undefined;
  }
}

interface Translation {
  readonly text: string;
  /** Characters of it that messages account for. */
  readonly understood: number;
}

/** Names in quotes, one after the other. */
const QUOTED = /^'[^']*'(, '[^']*')*$/;
const DEEPEST = 6;
/** What a line is about stands in front of it, with a gap. */
const HEAD = /^\p{Lu}[\p{L} ]*? {2,}(?=\S)/u;
const MOST_KNOWN = 2000;
/** No message has more characters, with what is filled in. */
const LONGEST = 4000;
/** Of the messages that fit so many are weighed. */
const TRIED = 6;
const SEAMS: readonly Seam[] = [
  { between: /\n/, sign: '', joined: (told, part) => `${told}\n${part}` },
  {
    between: /(?<=[.!?。]) (?=\p{Lu}|`|')/u,
    sign: '',
    joined: (told, part) => `${told.replace(/\.$/, '。')}${part}`,
  },
  { between: /; (?![^(]*\))/, sign: '; ', joined: (told, part) => `${told}；${part}` },
  { between: /(?<=^[^:]*): (?![^(]*\))/, sign: ': ', joined: (told, part) => `${told}：${part}` },
  { between: /, (?![^(]*\))/, sign: ', ', joined: (told, part) => `${told}，${part}` },
];

/** Where a text is taken apart: what stands there in English, and how the translated parts are put together. */
interface Seam {
  readonly between: RegExp;
  /** That a message may begin with. */
  readonly sign: string;
  joined(told: string, part: string): string;
}

const WIDE = /^[\p{Script=Han}，。；：（）“”]$/u;

/** Fills the parts in; no space stays between Chinese and Chinese. */
function fillIn(message: string, parts: readonly { readonly text: string; readonly noun: string }[]): string {
  const place = / ?\{(\d+)(:word)?\} ?/g;
  return message.replace(place, (found, index: string, word: string | undefined, at: number) => {
    const part = parts[Number(index)]!;
    const text = (word ? part.noun : part.text).replace(/^ （/, '（');
    const [before = '', after = ''] = [message[at - 1], message[at + found.length]];
    const left = found.startsWith(' ') && !(WIDE.test(before) && WIDE.test(text[0] ?? '')) ? ' ' : '';
    const right = found.endsWith(' ') && !(WIDE.test(after) && WIDE.test(text.at(-1) ?? '')) ? ' ' : '';
    return left + text + right;
  });
}

const better = (a: Translation, b: Translation): Translation => (b.understood > a.understood ? b : a);

function patternOf(english: string, translated: string): Pattern {
  const pieces = english.split(/\{\d+\}/);
  const source = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.*?)');
  return {
    quoted: pieces.slice(0, -1).map((piece) => /['"`]$/.test(piece)),
    expression: new RegExp(`^${source}$`, 's'),
    begins: pieces[0]!,
    translated,
    longest: pieces.reduce((a, b) => (b.length > a.length ? b : a)),
    fixed: pieces.join('').replace(/\s+/g, ' ').length,
  };
}
