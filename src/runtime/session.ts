import { parse } from 'node:path';
import type { EmittedModel } from '../autodiff/emit-onnx.js';
import type { OnnxType } from '../autodiff/onnx-protobuf.js';
import { onnxRuntime } from './onnx-runtime.js';

export interface ProgramOptions {
  /** Threads inside one operator; default: one a physical core, as ONNX Runtime chooses. */
  readonly threads?: number | undefined;
  /** Keep a second copy of the weights in the kernels' own order: more memory, longer start, sometimes faster. */
  readonly packWeights?: boolean;
}

/** What a session is made of: all of it can be posted to another thread. */
export type SessionModel = Pick<EmittedModel, 'bytes' | 'weightFiles' | 'outputs'>;

/** Numbers of a tensor: float32, or int64 indices. Flat, row-major. */
export type Values = Float32Array | BigInt64Array;

/** One input of a run. */
export interface BoundInput {
  readonly type: OnnxType;
  readonly data: Values;
  readonly dims: readonly number[];
}

/** A loaded model. Its errors are ONNX Runtime's own. */
export interface Session {
  run(inputs: Readonly<Record<string, BoundInput>>): Promise<Record<string, Values>>;
  release(): Promise<void>;
}

/** Loads a model into ONNX Runtime. While it runs, its thread does nothing else. */
export async function openSession(model: SessionModel, options: ProgramOptions): Promise<Session> {
  const { threads, packWeights = false } = options;
  const [weights] = model.weightFiles;
  const { InferenceSession, Tensor } = await onnxRuntime();
  const session = await InferenceSession.create(model.bytes, {
    graphOptimizationLevel: 'all',
    // plans a block of memory for each batch shape it has seen: twice the memory where shapes change, and no faster
    enableMemPattern: false,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    logSeverityLevel: 4,
    extra: {
      session: {
        disable_prepacking: packWeights ? '0' : '1',
        ...(weights === undefined ? {} : { model_external_initializers_file_folder_path: parse(weights).root }),
      },
    },
  });
  return {
    run: async (inputs) => {
      const bound = Object.entries(inputs).map(([name, { type, data, dims }]) => [
        name,
        // ONNX Runtime refuses shared memory
        new Tensor(type, data.buffer instanceof SharedArrayBuffer ? data.slice() : data, dims),
      ]);
      const outputs = await session.run(Object.fromEntries(bound));
      return Object.fromEntries(model.outputs.map((name) => [name, outputs[name]!.data as Values]));
    },
    release: () => session.release(),
  };
}
