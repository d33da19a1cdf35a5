import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { Session, SessionModel, SessionOptions, Values } from './runtime.js';

/** What the JavaScript packages of ONNX Runtime share. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: new (type: 'float32' | 'int64', data: Values, dims: readonly number[]) => Tensor;
}

/** Loads a model into ONNX Runtime. While it runs, its thread does nothing else. */
export async function openOnnxSession(
  { InferenceSession, Tensor }: OnnxRuntime,
  model: SessionModel,
  { packWeights = false }: SessionOptions,
  own: InferenceSession.SessionOptions,
): Promise<Session> {
  const session = await InferenceSession.create(model.bytes, {
    graphOptimizationLevel: 'all',
    // plans a block of memory for each batch shape it has seen: twice the memory where shapes change, and no faster
    enableMemPattern: false,
    logSeverityLevel: 4,
    ...own,
    extra: { session: { disable_prepacking: packWeights ? '0' : '1', ...(own.extra?.session as object | undefined) } },
  });
  return {
    run: async (inputs) => {
      const bound = Object.entries(inputs).map(([name, { type, data, dims }]) => [
        name,
        // ONNX Runtime refuses shared memory
        new Tensor(type, data.buffer instanceof SharedArrayBuffer ? (data.slice() as Values) : data, dims),
      ]);
      const outputs = await session.run(Object.fromEntries(bound), { logSeverityLevel: 4 });
      return Object.fromEntries(model.outputs.map((name) => [name, outputs[name]!.data as Values]));
    },
    release: () => session.release(),
  };
}
