import { input, matmul } from '../autodiff/build.js';
import { loadRuntime, WASM_SLOWER } from '../runtime/load-runtime.js';
import { compile } from '../runtime/program.js';
import type { Runtime, RuntimeName } from '../runtime/runtime.js';
import { chosenRuntime } from '../runtime/runtime-choice.js';
import { type Check, fail, ok, problemOf, warn } from './doctor-checks.js';

const NAMES: Readonly<Record<RuntimeName, string>> = { native: 'ONNX Runtime', wasm: 'WebAssembly' };

/**
 * Loads each runtime and multiplies two matrices with it: the speed and the cores it reaches here, and which one is used.
 * One that is missing is a failure where it was chosen, or where there is no other.
 */
export async function checkRuntimes(cores: number): Promise<readonly Check[]> {
  let chosen: RuntimeName | undefined;
  try {
    chosen = chosenRuntime();
  } catch (error) {
    return [fail(NAMES.native, ...problemOf(error))];
  }
  const [native, wasm] = [await tryOut('native', cores), await tryOut('wasm', cores)];
  const used = chosen ?? (native.works ? 'native' : 'wasm');
  const checkOf = (name: RuntimeName, { works, detail, fix }: Trial, other: Trial): Check => {
    if (works) return ok(NAMES[name], name === used && name === 'wasm' ? `${detail}; it is what computes` : detail);
    if (chosen === name || !other.works) return fail(NAMES[name], detail, fix);
    if (name === 'wasm') return warn(NAMES[name], detail, `It would take the place of the native runtime. ${fix}`);
    return warn(NAMES[name], detail, `WebAssembly computes in its place, ${WASM_SLOWER}. ${fix}`);
  };
  return [checkOf('native', native, wasm), checkOf('wasm', wasm, native)];
}

interface Trial {
  readonly works: boolean;
  readonly detail: string;
  readonly fix: string;
}

async function tryOut(name: RuntimeName, cores: number): Promise<Trial> {
  try {
    const { flops, busyCores } = await measureMatmul(await loadRuntime(name));
    const detail = `multiplies matrices at ${Math.round(flops / 1e9)} GFLOP/s on ${busyCores.toFixed(1)} of ${cores} cores`;
    return { works: true, detail, fix: '' };
  } catch (error) {
    const [detail, fix] = problemOf(error);
    return { works: false, detail, fix };
  }
}

async function measureMatmul(runtime: Runtime): Promise<{ readonly flops: number; readonly busyCores: number }> {
  const [size, repetitions] = [768, 8];
  const a = input('a', [size, size]);
  const program = await compile({ product: matmul(a, a) }, { runtime });
  try {
    const feeds = { a: new Float32Array(size * size).fill(0.5) };
    const { product } = await program.run(feeds);
    if (product?.[0] !== size / 4) throw new Error(`a product is ${product?.[0]} instead of ${size / 4}`);
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < repetitions; i++) await program.run(feeds);
    const milliseconds = performance.now() - wall;
    const { user, system } = process.cpuUsage(cpu);
    const flops = (2 * size ** 3 * repetitions) / (milliseconds / 1000);
    return { flops, busyCores: (user + system) / 1000 / milliseconds };
  } finally {
    await program.release();
  }
}
