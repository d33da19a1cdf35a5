import type { EmittedModel, PackedMatrices } from '../autodiff/emit-onnx.js';
import { type Size, sizeValue } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { SoftpromptError } from '../errors.js';
import { currentRuntime } from './load-runtime.js';
import type { BoundInput, Runtime, Session, SessionOptions, Values } from './runtime.js';
import { openSharedSession } from './shared-session.js';

export interface ProgramOptions extends SessionOptions {
  /** Default: `currentRuntime()`. */
  readonly runtime?: Runtime | undefined;
  /** Matrices that are read in 8 bits in place of their float32; see `emitOnnx`. */
  readonly packed?: PackedMatrices | undefined;
}

/** What a run is fed: numbers for float32 inputs, indices for int64 ones, flat in row-major order. */
export type Feed = Values;

/** A compiled computation: one session of a runtime that serves every batch shape. */
export interface Program {
  /**
   * One array a result: a Float32Array, or a BigInt64Array where the result is of int64; say so as `Result` then.
   * @param feeds one array an input
   * @param sizes a value for every symbol in the inputs' shapes
   */
  run<Result extends Values = Float32Array>(
    feeds: Readonly<Record<string, Feed>>,
    sizes?: Readonly<Record<string, number>>,
  ): Promise<Record<string, Result>>;
  /** Frees the session's memory, where nobody else uses the same one; a second time it does nothing. */
  release(): Promise<void>;
}

/** Lowers the results to one program of a runtime, and opens it there. */
export async function compile(
  results: Readonly<Record<string, Tensor>>,
  options: ProgramOptions = {},
): Promise<Program> {
  const { runtime = await currentRuntime(), packed, ...session } = options;
  const model = runtime.lower(results, packed);
  return programOf(model, await orExplain('load', () => openSharedSession(runtime, model, session)));
}

/** A program in a session that is open. */
export function programOf(model: EmittedModel, session: Session): Program {
  return {
    run: async <Result extends Values>(
      feeds: Readonly<Record<string, Feed>>,
      sizes: Readonly<Record<string, number>> = {},
    ) => {
      const bound = bind(model, feeds, new Map(Object.entries(sizes)));
      return orExplain('run', () => session.run(bound) as Promise<Record<string, Result>>);
    },
    release: () => session.release(),
  };
}

function bind(
  model: EmittedModel,
  feeds: Readonly<Record<string, Feed>>,
  symbols: ReadonlyMap<string, number>,
): Record<string, BoundInput> {
  const bound: Record<string, BoundInput> = {};
  const known = new Map<Size, number>();
  const sizeOf = (size: Size): number => {
    const value = typeof size === 'number' ? size : (known.get(size) ?? sizeValue(size, symbols));
    if (typeof size !== 'number') known.set(size, value);
    return value;
  };
  for (const { name, shape, type } of model.inputs) {
    const data = feeds[name];
    const dims = shape.map(sizeOf);
    const count = dims.reduce((product, size) => product * size, 1);
    if (data === undefined || data.length !== count || data instanceof Float32Array !== (type === 'float32')) {
      throw new SoftpromptError('GRAPH_SHAPE', {
        found: `${data === undefined ? 'nothing' : `${data.length} numbers in a ${data.constructor.name}`} for input '${name}'`,
        expected: `${count} numbers of type ${type} for shape [${shape.join(', ')}]`,
        fix: 'Feed what the network declares.',
      });
    }
    bound[name] = { type, data, dims };
  }
  for (const { name, sizes } of model.sizeInputs) {
    const values = BigInt64Array.from(sizes, (size) => BigInt(sizeOf(size)));
    bound[name] = { type: 'int64', data: values, dims: [sizes.length] };
  }
  return bound;
}

/** Says of an error of ONNX Runtime what to do. */
export async function orExplain<T>(step: 'load' | 'run', action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    throw new SoftpromptError(
      'GRAPH_RUN',
      {
        found: `ONNX Runtime failed to ${step} the network: ${error instanceof Error ? error.message : String(error)}`,
        expected: 'a network that runs',
        fix: 'Check free memory and that the weight files are still in place; `npx softprompt doctor` tests the runtime.',
      },
      { cause: error },
    );
  }
}
