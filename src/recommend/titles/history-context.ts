import type { OpenTemplate } from '../../prompt/compile-template.js';
import { HISTORY } from './words-template.js';

/** A history as the frozen model reads it. */
export interface HistoryContext {
  /** [T] token ids, as in `PromptSequence`. */
  readonly ids: Int32Array;
  /** How many of the latest titles are in it. */
  readonly kept: number;
  /** Where the titles stand among the ids, separators included; −1 for both where there are none. */
  readonly slot: { readonly start: number; readonly end: number };
}

/**
 * Fills the template with as many of the latest titles as fit whole, the newest last. Where not even one fits whole, the
 * newest is cut as the slot says.
 * @param titles the oldest first @param longest ids of the longest title that is to follow
 * Errors: PROMPT_TOO_LONG, PROMPT_EMPTY.
 */
export function historyContext(template: OpenTemplate, titles: readonly string[], longest: number): HistoryContext {
  for (let kept = titles.length; ; kept--) {
    const text = titles.slice(titles.length - kept).join(SEPARATOR);
    const { ids, slots } = template.encodeContext(historyExample(text), longest);
    const [slot] = slots;
    if (kept > 1 && slot?.cut) continue;
    return { ids, kept, slot: slot ?? { start: -1, end: -1 } };
  }
}

/**
 * Where each of the kept titles ends among the context's ids, its separator included, [kept]. A title's ids do not depend
 * on those after its separator.
 */
export function titleEnds(template: OpenTemplate, titles: readonly string[], { kept, slot }: HistoryContext): number[] {
  const latest = titles.slice(titles.length - kept);
  return latest.map((_, i) => {
    if (i === kept - 1) return slot.end;
    const text = latest.slice(0, i + 1).join(SEPARATOR) + SEPARATOR.trimEnd();
    return Math.min(template.encodeContext(historyExample(text), 0).slots[0]!.end, slot.end);
  });
}

const SEPARATOR = ', ';

function historyExample(text: string) {
  return { id: 'the history', fields: { [HISTORY]: text }, label: undefined };
}
