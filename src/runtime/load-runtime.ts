import { SoftpromptError } from '../errors.js';
import { openAlone, openBeside } from './host-pool.js';
import { loadNative, lowerNative, openNative } from './native-session.js';
import type { Runtime, RuntimeName } from './runtime.js';
import { chosenRuntime, tellRuntimeNote } from './runtime-choice.js';
import { loadWasm, lowerWasm, refuseLarge } from './wasm-session.js';

/** A training step of the embedded model on a processor with AVX-512: bench/results/runtimes.json. */
export const WASM_SLOWER = '3 to 4 times slower';

const NATIVE: Runtime = {
  name: 'native',
  lower: lowerNative,
  open: (model, options) =>
    options.thread === 'own' ? openAlone('native', model, options) : openNative(model, options),
};

const WASM: Runtime = {
  name: 'wasm',
  lower: lowerWasm,
  open: async (model, options) => {
    refuseLarge(model.weights);
    return (options.thread === 'own' ? openAlone : openBeside)('wasm', model, options);
  },
};

/**
 * A runtime, if it loads here.
 * @throws RUNTIME_UNAVAILABLE
 */
export async function loadRuntime(name: RuntimeName): Promise<Runtime> {
  switch (name) {
    case 'native':
      await loadNative();
      return NATIVE;
    case 'wasm':
      await loadWasm();
      return WASM;
  }
}

const current = new Map<RuntimeName | undefined, Promise<Runtime>>();

/**
 * The runtime that computes: the one that was chosen, else the native one, else WebAssembly, which is told.
 * @throws RUNTIME_UNAVAILABLE, RUNTIME_INVALID
 */
export async function currentRuntime(): Promise<Runtime> {
  const name = chosenRuntime();
  const known = current.get(name) ?? (name === undefined ? nativeElseWasm() : loadRuntime(name));
  current.set(name, known);
  return known;
}

async function nativeElseWasm(): Promise<Runtime> {
  try {
    return await loadRuntime('native');
  } catch (error) {
    const replacement = await loadRuntime('wasm').catch(() => undefined);
    if (replacement === undefined || !(error instanceof SoftpromptError)) throw error;
    const { found, fix } = error.facts;
    tellRuntimeNote(`${found}: WebAssembly computes in its place, ${WASM_SLOWER}. ${fix}`);
    return replacement;
  }
}
