import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** What a decoder writes for bytes that are no whole character yet. */
const INCOMPLETE = '\ufffd';

/** An answer as it grows: its text, piece by piece, without half characters and without what stops it. */
export interface AnswerText {
  /** Takes the next token: what can be shown of the text now, and whether a stop text was reached. */
  push(id: number): { readonly text: string; readonly stopped: boolean };
  /** What was held back, when nothing follows. */
  finish(): string;
  /** All that was shown. */
  readonly whole: string;
}

/**
 * @param stop texts that end the answer; what may be the beginning of one is held back
 * @param lead what the first token writes before the answer, such as a space
 */
export function answerText(tokenizer: Pick<Tokenizer, 'decode'>, stop: readonly string[] = [], lead = ''): AnswerText {
  const ids: number[] = [];
  const decoded = () => {
    const text = tokenizer.decode(ids, true);
    return text.startsWith(lead) ? text.slice(lead.length) : text;
  };
  let shown = '';
  const show = (until: number, whole: string) => {
    const text = whole.slice(shown.length, until);
    shown += text;
    return text;
  };
  return {
    push: (id) => {
      ids.push(id);
      const whole = decoded();
      const ends = stop.map((text) => whole.indexOf(text)).filter((at) => at !== -1);
      if (ends.length > 0) return { text: show(Math.max(shown.length, Math.min(...ends)), whole), stopped: true };
      let until = whole.length;
      while (until > shown.length && whole[until - 1] === INCOMPLETE) until--;
      const held = stop.map((text) => beginningAtEnd(whole.slice(0, until), text));
      return { text: show(Math.max(shown.length, until - Math.max(0, ...held)), whole), stopped: false };
    },
    finish: () => show(Number.POSITIVE_INFINITY, decoded()),
    get whole() {
      return shown;
    },
  };
}

/** How many characters at the end of a text are the beginning of another one. */
function beginningAtEnd(text: string, other: string): number {
  for (let length = Math.min(text.length, other.length - 1); length > 0; length--) {
    if (text.endsWith(other.slice(0, length))) return length;
  }
  return 0;
}
