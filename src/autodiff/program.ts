import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { SoftpromptError } from '../errors.js';
import { type EmittedModel, emitOnnx } from './emit-onnx.js';
import { multiplySizes, sizeValue } from './size.js';
import type { Tensor } from './tensor.js';

/** What a run is fed: numbers for float32 inputs, indices for int64 ones, flat in row-major order. */
export type Feed = Float32Array | BigInt64Array;

export interface ProgramOptions {
  /** Threads inside one operator; default: one a physical core, as ONNX Runtime chooses. */
  readonly threads?: number;
  /** Keep a second copy of the weights in the kernels' own order: more memory, longer start, sometimes faster. */
  readonly packWeights?: boolean;
}

/** A compiled computation: one ONNX Runtime session that serves every batch shape. */
export interface Program {
  /**
   * @param feeds one array an input
   * @param sizes a value for every symbol in the inputs' shapes
   */
  run(
    feeds: Readonly<Record<string, Feed>>,
    sizes?: Readonly<Record<string, number>>,
  ): Promise<Record<string, Float32Array>>;
  /** Frees the session's memory. */
  release(): Promise<void>;
}

/** Emits the results as one ONNX model and loads it into ONNX Runtime. */
export async function compile(
  results: Readonly<Record<string, Tensor>>,
  { threads, packWeights = false }: ProgramOptions = {},
): Promise<Program> {
  const model = emitOnnx(results);
  const session = await orExplain('load', () =>
    InferenceSession.create(model.bytes, {
      graphOptimizationLevel: 'all',
      // plans a block of memory for each batch shape it has seen: twice the memory where shapes change, and no faster
      enableMemPattern: false,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      logSeverityLevel: 4,
      extra: {
        session: {
          disable_prepacking: packWeights ? '0' : '1',
          ...(model.weightsRoot === undefined
            ? {}
            : { model_external_initializers_file_folder_path: model.weightsRoot }),
        },
      },
    }),
  );
  return {
    run: async (feeds, sizes = {}) => {
      const bound = bind(model, feeds, new Map(Object.entries(sizes)));
      const outputs = await orExplain('run', () => session.run(bound));
      return Object.fromEntries(model.outputs.map((name) => [name, outputs[name]!.data as Float32Array]));
    },
    release: () => session.release(),
  };
}

function bind(
  model: EmittedModel,
  feeds: Readonly<Record<string, Feed>>,
  symbols: ReadonlyMap<string, number>,
): Record<string, OrtTensor> {
  const bound: Record<string, OrtTensor> = {};
  for (const { name, shape, type } of model.inputs) {
    const data = feeds[name];
    const count = sizeValue(multiplySizes(...shape), symbols);
    if (data === undefined || data.length !== count || data instanceof Float32Array !== (type === 'float32')) {
      throw new SoftpromptError('GRAPH_SHAPE', {
        found: `${data === undefined ? 'nothing' : `${data.length} numbers in a ${data.constructor.name}`} for input '${name}'`,
        expected: `${count} numbers of type ${type} for shape [${shape.join(', ')}]`,
        fix: 'Feed what the network declares.',
      });
    }
    bound[name] = new OrtTensor(
      type,
      data,
      shape.map((size) => sizeValue(size, symbols)),
    );
  }
  for (const { name, sizes } of model.sizeInputs) {
    const values = BigInt64Array.from(sizes, (size) => BigInt(sizeValue(size, symbols)));
    bound[name] = new OrtTensor('int64', values, [sizes.length]);
  }
  return bound;
}

async function orExplain<T>(step: 'load' | 'run', action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new SoftpromptError(
      'GRAPH_RUN',
      {
        found: `ONNX Runtime failed to ${step} the network: ${error instanceof Error ? error.message : String(error)}`,
        expected: 'a network that runs',
        fix: 'Check free memory and that the weight files are still in place; `softprompt doctor` tests the runtime.',
      },
      { cause: error },
    );
  }
}
