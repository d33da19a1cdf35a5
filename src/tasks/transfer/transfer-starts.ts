import { SoftpromptError } from '../../errors.js';
import type { ComparedSet } from '../comparison/compared-sets.js';
import { AVERAGE, MIXTURE, NONE, type Similarity, START_NAMES, type Start } from './transfer-matrix.js';
import type { StartKind, TransferPlan } from './transfer-options.js';

/** What the learning on a target starts from, each once. @param alike how alike the texts of sets are */
export function startsOf(
  kinds: readonly StartKind[],
  target: string,
  sources: readonly string[],
  alike: readonly Similarity[],
): Start[] {
  const others = sources.filter((name) => name !== target);
  const several = others.length > 1;
  const starts: Readonly<Record<StartKind, readonly Start[]>> = {
    none: [NONE],
    sources: others,
    nearest: several ? mostAlike(target, alike) : others,
    average: several ? [AVERAGE] : [],
    mixture: several ? [MIXTURE] : [],
  };
  return [...new Set(kinds.flatMap((kind) => starts[kind]))];
}

/** The source whose texts are most like a target's. */
function mostAlike(target: string, alike: readonly Similarity[]): Start[] {
  const known = alike.filter((pair) => pair.target === target).sort((a, b) => b.cosine - a.cosine);
  return known.slice(0, 1).map(({ source }) => source);
}

/** @param sees of the model's family @throws TUNING_SETTING where the nearest source is asked for, and texts cannot be compared */
export function checkNearest({ starts, sources }: TransferPlan, sees: string): void {
  if (!starts.includes('nearest') || (sources === undefined && sees !== 'source')) return;
  throw new SoftpromptError('TUNING_SETTING', {
    found:
      sources === undefined
        ? 'The nearest source, on an encoder-decoder'
        : 'The nearest of the sources given (--source)',
    expected: 'sources that are learned here, whose texts are known, on a model with one state a token',
    fix: 'Start from each of them (--starts none,sources).',
  });
}

/** @throws TUNING_SETTING for a set that is called as a start is */
export function checkNames(sets: readonly ComparedSet[]): void {
  const taken = sets.find(({ name }) => START_NAMES.includes(name));
  if (taken === undefined) return;
  throw new SoftpromptError('TUNING_SETTING', {
    found: `A set named '${taken.name}'`,
    expected: `a name other than ${START_NAMES.join(', ')}, which say where a prompt starts`,
    fix: 'Rename it (--sets).',
  });
}
