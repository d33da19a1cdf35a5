import type { AddedTokenJson } from './tokenizer-json.js';

/** A stretch of text: an added token with its id, or what lies between. */
export interface TextSection {
  readonly text: string;
  /** Undefined where the section is ordinary text. */
  readonly id: number | undefined;
}

/** Cuts a text at added tokens; special ones written in it are ordinary characters unless `marks` says otherwise. */
export type SectionCutter = (text: string, marks: boolean) => TextSection[];

interface Candidate {
  readonly content: string;
  readonly token: AddedTokenJson;
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  token?: AddedTokenJson;
}

/**
 * Finds added tokens in text as Hugging Face's library does (`AddedVocabulary::find_matches`): of those that begin at
 * the same place the longest; `single_word` ones only where no word character touches them; `lstrip` and `rstrip` ones
 * take the white space beside them. A match that does not count is passed over as a whole.
 */
export function sectionCutter(candidates: readonly Candidate[]): SectionCutter {
  const root: TrieNode = { next: new Map() };
  for (const { content, token } of candidates) {
    if (content === '') continue;
    let node = root;
    for (let i = 0; i < content.length; i++) {
      const unit = content.charCodeAt(i);
      const child: TrieNode = node.next.get(unit) ?? { next: new Map() };
      node.next.set(unit, child);
      node = child;
    }
    node.token ??= token;
  }
  return (text, marks) => {
    const sections: TextSection[] = [];
    let done = 0;
    for (let at = 0; at < text.length; ) {
      const match = longestAt(root, text, at);
      if (match === undefined) {
        at++;
        continue;
      }
      const { token } = match;
      let [start, end] = [at, match.end];
      at = end;
      if (token.special && !marks) continue;
      if (token.single_word === true && touchesWord(text, start, end)) continue;
      if (token.lstrip === true) start = Math.max(spaceStart(text, start), done);
      if (token.rstrip === true) end = spaceEnd(text, end);
      if (done < start) sections.push({ text: text.slice(done, start), id: undefined });
      sections.push({ text: text.slice(start, end), id: token.id });
      done = end;
    }
    if (done < text.length) sections.push({ text: text.slice(done), id: undefined });
    return sections;
  };
}

function longestAt(root: TrieNode, text: string, at: number): { token: AddedTokenJson; end: number } | undefined {
  let found: { token: AddedTokenJson; end: number } | undefined;
  let node: TrieNode | undefined = root;
  for (let i = at; i < text.length; i++) {
    node = node.next.get(text.charCodeAt(i));
    if (node === undefined) break;
    if (node.token !== undefined) found = { token: node.token, end: i + 1 };
  }
  return found;
}

/** A word character of Unicode (UTS 18), as Rust's `\w`. */
const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;

function touchesWord(text: string, start: number, end: number): boolean {
  const low = text.charCodeAt(start - 1);
  const before = start === 0 ? '' : text.slice(start - (low >= 0xdc00 && low <= 0xdfff ? 2 : 1), start);
  const after = end === text.length ? '' : String.fromCodePoint(text.codePointAt(end)!);
  return WORD.test(before) || WORD.test(after);
}

const SPACE = /^\p{White_Space}$/u;

function spaceStart(text: string, start: number): number {
  let at = start;
  while (at > 0 && SPACE.test(text[at - 1]!)) at--;
  return at;
}

function spaceEnd(text: string, end: number): number {
  let at = end;
  while (at < text.length && SPACE.test(text[at]!)) at++;
  return at;
}
