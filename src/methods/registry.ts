import { adapter } from './adapter.js';
import { bitfit } from './bitfit.js';
import { contextPrompt } from './context-prompt.js';
import { full } from './full.js';
import { head } from './head.js';
import { ia3 } from './ia3.js';
import { lora } from './lora.js';
import type { LearnedShape, Method } from './method.js';
import { multitask } from './multitask.js';
import { pTuning } from './p-tuning.js';
import { prefixTuning } from './prefix.js';
import { soft } from './soft-prompt.js';
import { written } from './written.js';

/** A new method is a file beside these and a word here. */
const methods = {
  ...{ soft, prefix: prefixTuning, 'p-tuning': pTuning, multitask, cpt: contextPrompt },
  ...{ lora, ia3, adapter, bitfit, head, full, written },
} satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

/** All methods, by the name that users give. */
export const METHODS: Readonly<Record<MethodName, Method>> = methods;

/** Those of which a folder can be. */
export const KEPT_METHODS = Object.keys(METHODS) as readonly MethodName[];

/** Those that learn by gradients: what `--method` takes. */
export const METHOD_NAMES: readonly MethodName[] = KEPT_METHODS.filter((name) => name !== 'written');

/** What was learned, by which method. */
export interface Learned extends LearnedShape {
  readonly method: MethodName;
  /** The arrays one after the other, each row-major. */
  readonly values: Float32Array;
}
