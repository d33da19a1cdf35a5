import { alignColumns } from '../../evaluation/score-table.js';
import type { Method } from '../../methods/method.js';
import { METHODS } from '../../methods/registry.js';
import { namedArrays } from '../../network/trainable.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { norm } from './inspect-vectors.js';

/** What can be read off learned changes of a model's layers; plain JSON. */
export interface ChangesInspection {
  readonly method: string;
  /** How many numbers were learned. */
  readonly learned: number;
  /** How much each layer is changed, the most changed first. */
  readonly changes: readonly LayerChange[];
  /** Of words alone: the template that they are. */
  readonly template?: string | undefined;
}

export interface LayerChange {
  readonly layer: string;
  /** Euclidean norm of the change, all its numbers together. */
  readonly norm: number;
}

export function inspectChanges({ learned, template }: Pick<SavedPrompt, 'learned' | 'template'>): ChangesInspection {
  const { changes }: Method = METHODS[learned.method];
  const arrays = namedArrays(learned.arrays, learned.values);
  const measured =
    changes?.(arrays, learned) ?? Object.entries(arrays).map(([layer, values]) => ({ layer, norm: norm(values) }));
  return {
    method: learned.method,
    learned: learned.values.length,
    changes: [...measured].sort((a, b) => b.norm - a.norm),
    ...(learned.method === 'written' && { template }),
  };
}

/** Layers that are shown; the others are counted. */
const SHOWN = 30;

export function formatChanges({ method, learned, changes, template }: ChangesInspection): string {
  if (template !== undefined) return `Nothing is learned here but the words of the template:\n${template}`;
  const rest = changes.length - SHOWN;
  return [
    `${learned} learned numbers of the method ${method} change ${changes.length} layers. How much, as the Euclidean norm of the change, says where it works.`,
    '',
    alignColumns([
      ['layer', 'change'],
      ...changes.slice(0, SHOWN).map(({ layer, norm }) => [layer, `${Number(norm.toPrecision(3))}`]),
    ]),
    ...(rest > 0 ? [`and ${rest} more that are changed less`] : []),
  ].join('\n');
}
