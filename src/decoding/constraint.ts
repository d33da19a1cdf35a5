import { SoftpromptError } from '../errors.js';
import { NEVER, penalise } from './penalties.js';

/** Which tokens may come next; a state of its own for each answer. */
export interface TokenConstraint {
  /** Tokens that may come now. An end mark among them means that the answer may end. */
  allowed(): Iterable<number>;
  /** Takes the token that came. */
  accept(id: number): void;
  /** The same state once more, for another beam. */
  copy(): TokenConstraint;
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  ends: boolean;
}

/**
 * The answer is one of the given ones, as ids. An answer that is the beginning of another one ends with the end mark.
 * @param answers ids of each answer, none empty
 * @param end the id that ends an answer
 */
export function oneOf(answers: readonly (readonly number[])[], end: number): TokenConstraint {
  const root: TrieNode = { next: new Map(), ends: false };
  for (const ids of answers) {
    let node = root;
    for (const id of ids) {
      const next = node.next.get(id) ?? { next: new Map(), ends: false };
      node.next.set(id, next);
      node = next;
    }
    node.ends = true;
  }
  return walk(root, end);
}

function walk(start: TrieNode, end: number): TokenConstraint {
  let node: TrieNode | undefined = start;
  return {
    allowed: () => {
      if (node === undefined) return [end];
      return node.ends ? [...node.next.keys(), end] : node.next.keys();
    },
    accept: (id) => {
      const next: TrieNode | undefined = node?.next.get(id);
      if (next === undefined && !(id === end && (node === undefined || node.ends))) throw notAllowed(id);
      node = next;
    },
    copy: () => walk(node ?? { next: new Map(), ends: true }, end),
  };
}

/**
 * Leaves the logits of allowed tokens, changed by what stands before, and takes all others away. What is allowed goes before what
 * must not be repeated: where nothing else is left, it is.
 */
export function constrain(
  logits: Float32Array,
  constraint: TokenConstraint,
  before: readonly number[],
  settings: Parameters<typeof penalise>[2],
): void {
  const ids = Array.from(constraint.allowed()).filter((id) => id >= 0);
  const free = ids.map((id) => logits[id]!);
  penalise(logits, before, settings);
  const penalised = ids.map((id) => logits[id]!);
  const kept = penalised.some((logit) => logit > NEVER) ? penalised : free;
  logits.fill(NEVER);
  for (const [place, id] of ids.entries()) logits[id] = kept[place]!;
}

function notAllowed(id: number): SoftpromptError {
  return new SoftpromptError('DECODING_OPTION', {
    found: `the token ${id}, which begins none of the choices`,
    expected: 'a token of one of them',
    fix: 'Report this: choices allow only their own tokens.',
  });
}
