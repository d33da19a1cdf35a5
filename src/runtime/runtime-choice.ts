import { SoftpromptError } from '../errors.js';
import type { RuntimeName } from './runtime.js';

export const RUNTIMES: readonly RuntimeName[] = ['native', 'wasm'];

let chosen: RuntimeName | undefined;
let listener = (note: string): void => process.emitWarning(note, { code: 'SOFTPROMPT_RUNTIME' });

/** The runtime of all programs from now on; undefined: what SOFTPROMPT_RUNTIME names, else the native one where it loads. */
export function chooseRuntime(name: RuntimeName | undefined): void {
  chosen = name;
}

/**
 * The runtime that was chosen, here or by the environment.
 * @throws RUNTIME_INVALID
 */
export function chosenRuntime(): RuntimeName | undefined {
  if (chosen !== undefined) return chosen;
  const name = process.env.SOFTPROMPT_RUNTIME || undefined;
  const known = RUNTIMES.find((runtime) => runtime === name);
  if (known !== undefined || name === undefined) return known;
  throw new SoftpromptError('RUNTIME_INVALID', {
    found: `SOFTPROMPT_RUNTIME=${name}`,
    expected: RUNTIMES.join(' or '),
    fix: 'Name one of them, or none: then it is the native one where that loads.',
  });
}

/** @param hear is told that another runtime takes the place of the native one; default: a warning of the process */
export function onRuntimeNote(hear: (note: string) => void): void {
  listener = hear;
}

export function tellRuntimeNote(note: string): void {
  listener(note);
}
