import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { emitOnnx, type WeightPlace } from '../autodiff/emit-onnx.js';
import { SoftpromptError } from '../errors.js';
import { openOnnxSession } from './onnx-session.js';
import type { Runtime, Session, SessionModel, SessionOptions } from './runtime.js';

/** Beyond, more threads gain little and each takes memory. */
const MOST_THREADS = 8;

/**
 * `onnxruntime-web`: the only place that loads it.
 * @throws RUNTIME_UNAVAILABLE
 */
export async function loadWasm(): Promise<typeof import('onnxruntime-web')> {
  try {
    return await import('onnxruntime-web');
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new SoftpromptError(
      'RUNTIME_UNAVAILABLE',
      {
        found: `the WebAssembly runtime does not load: ${message}`,
        expected: 'the package onnxruntime-web beside softprompt',
        fix: 'Install softprompt anew; where that does not help, Node.js 20.3 or newer.',
      },
      { cause: error },
    );
  }
}

/** Each weight is a file of its own, which exists in memory alone. */
export const lowerWasm: Runtime['lower'] = (results, packed) =>
  emitOnnx(results, (weight) => ({ location: locationOf(weight), offset: 0 }), packed);

/** Opens a session on this thread. The number of threads is that of the first session of this thread. */
export async function openWasm(model: SessionModel, options: SessionOptions): Promise<Session> {
  const ort = await loadWasm();
  ort.env.wasm.numThreads = options.threads || Math.min(MOST_THREADS, availableParallelism());
  return openOnnxSession(ort, model, options, {
    executionProviders: ['wasm'],
    externalData: await readWeights(model.weights),
  });
}

/** The bytes of the weights alone, whatever else their files hold. */
async function readWeights(weights: readonly WeightPlace[]) {
  const files = new Map<string, Awaited<ReturnType<typeof open>>>();
  try {
    const read: { path: string; data: Uint8Array }[] = [];
    for (const weight of weights) {
      const { file, offset, byteLength } = weight;
      const handle = files.get(file) ?? (await open(file));
      files.set(file, handle);
      read.push({ path: locationOf(weight), data: await readPart(handle, offset, byteLength) });
    }
    return read;
  } finally {
    for (const file of files.values()) await file.close();
  }
}

async function readPart(file: Awaited<ReturnType<typeof open>>, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(length - at, 2 ** 30), offset + at);
    if (bytesRead === 0) throw new Error('a weight file ends too early');
    at += bytesRead;
  }
  return bytes;
}

function locationOf({ name }: WeightPlace): string {
  return encodeURIComponent(name);
}

/** Bytes of weights: WebAssembly addresses 4 GiB, and a run needs room beside them. */
const MOST_WEIGHTS = 3 * 2 ** 30;

/** @throws RUNTIME_MEMORY */
export function refuseLarge(weights: readonly WeightPlace[]): void {
  const bytes = weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= MOST_WEIGHTS) return;
  const gib = (count: number) => `${(count / 2 ** 30).toFixed(1)} GiB`;
  throw new SoftpromptError('RUNTIME_MEMORY', {
    found: `a network with ${gib(bytes)} of weights`,
    expected: `at most ${gib(MOST_WEIGHTS)} with WebAssembly, which addresses 4 GiB in all`,
    fix: 'Use the native runtime (`npx softprompt doctor` says what brings it), or a smaller model.',
  });
}
