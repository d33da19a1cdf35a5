import { formatTemplate, type Template } from '../prompt/template.js';

/** Settings that a search may choose. */
export interface TuningCandidate<I extends string> {
  readonly learningRate: number;
  /** Source of the template; it determines how many learned tokens there are. */
  readonly template: string;
  readonly initialisation: I;
}

const LEARNING_RATE_FACTORS = [1, 1 / 3, 3];
const LENGTH_FACTORS = [1, 1 / 2, 2];

/**
 * The grid learning rate × prompt length × initialisation, the given settings first. The rate is varied by factors of
 * three; the length by factors of two, if the template has exactly one block of free learned tokens (`[soft:20]`); the
 * initialisation only if there are free tokens at all.
 * @param learningRate the default, in the embeddings' own unit (see `embeddingScale`)
 * @param initialisations to choose from, the default first
 */
export function defaultCandidates<I extends string>(
  template: Template,
  learningRate: number,
  initialisations: readonly I[],
): TuningCandidate<I>[] {
  const isFree = template.parts.some(({ kind }) => kind === 'learned');
  const starts = isFree ? [...new Set(initialisations)] : initialisations.slice(0, 1);
  return LEARNING_RATE_FACTORS.flatMap((factor) =>
    templateLengths(template).flatMap((source) =>
      starts.map((initialisation) => ({ learningRate: learningRate * factor, template: source, initialisation })),
    ),
  );
}

/** The template in its own length and, if one number says how long it is, in others. */
function templateLengths({ source, parts }: Template): string[] {
  const blocks = parts.flatMap((part) => (part.kind === 'learned' ? [part.count] : []));
  if (blocks.length !== 1) return [source];
  const counts = new Set(LENGTH_FACTORS.map((factor) => Math.max(1, Math.round(blocks[0]! * factor))));
  return [...counts].map((count) =>
    count === blocks[0]
      ? source
      : formatTemplate(parts.map((part) => (part.kind === 'learned' ? { ...part, count } : part))),
  );
}
