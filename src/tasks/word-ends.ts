import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { promptNetwork } from '../network/prompt-network.js';
import { NOTHING } from '../network/trainable.js';

/** Tokens that may come next, of the first in the vocabulary, which are the frequent ones. */
const NEXT = 2000;
/** What stands in front of a word. */
const LEAD = 'about';
/** Words a run. */
const WORDS = 128;
/** A word ends behind a token if the model gives that at least so much probability. */
const ENDS = 0.4;

export interface WordEnds {
  /** Of each token whether a word may end with it. */
  areWords(ids: readonly number[]): Promise<boolean[]>;
  release(): Promise<void>;
}

/**
 * Which tokens are words that may end there, by the model's own next token: behind ` describ` it goes on, behind ` describe` it may begin
 * another word. Chinese words have no spaces between them, and what a model reads from both sides has no next token: all of these may.
 */
export function wordEnds(model: FrozenModel, threads: number | undefined): WordEnds {
  const { checkpoint, tokenizer } = model;
  const isCausal = familyOf(checkpoint.config).sees === 'before';
  const text = (id: number) => tokenizer.decode([id], true);
  const next = isCausal ? nextTokens(model) : { ids: [], goesOn: [] };
  const network = promptNetwork(checkpoint, {
    ...{ loss: 'labels', trainable: NOTHING, sharedRows: 0, maxPositions: checkpoint.config.maxPositions, threads },
  });
  const candidates = next.ids.map((id) => Int32Array.of(id));
  // a text's first token says little of what follows
  const start = [...(tokenizer.bos === undefined ? [] : [tokenizer.bos]), ...tokenizer.encode(LEAD)];

  const known = new Map<number, boolean>();
  const areWords: WordEnds['areWords'] = async (ids) => {
    const unknown = ids.filter((id) => !known.has(id) && !/\p{Script=Han}$/u.test(text(id)));
    const asked = next.goesOn.includes(true) ? unknown : [];
    for (let from = 0; from < asked.length; from += WORDS) {
      const part = asked.slice(from, from + WORDS);
      const batch = part.map((id) => ({ context: Int32Array.from([...start, id]), candidates, target: undefined }));
      const logits = await network.logits(new Float32Array(0), batch);
      for (const [i, id] of part.entries()) {
        const own = logits.subarray(i * candidates.length, (i + 1) * candidates.length);
        known.set(id, 1 - shareOf(own, next.goesOn) >= ENDS);
      }
    }
    return ids.map((id) => known.get(id) ?? true);
  };
  return { areWords, release: network.release };
}

/** Frequent tokens, and whether each goes on with the word before it. */
function nextTokens({ tokenizer }: FrozenModel): {
  readonly ids: readonly number[];
  readonly goesOn: readonly boolean[];
} {
  const all = Array.from({ length: Math.min(NEXT, tokenizer.size) }, (_, id) => id);
  const ids = all.filter((id) => !tokenizer.special.has(id) && !tokenizer.decode([id], true).includes('\ufffd'));
  return { ids, goesOn: ids.map((id) => /^[\p{L}\p{N}]/u.test(tokenizer.decode([id], true))) };
}

/** The probability of what is chosen. */
function shareOf(logits: Float32Array, chosen: readonly boolean[]): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  let [all, share] = [0, 0];
  for (const [i, logit] of logits.entries()) {
    const weight = Math.exp(logit - most);
    all += weight;
    if (chosen[i]) share += weight;
  }
  return share / all;
}
