import type { EmittedModel, PackedMatrices } from '../autodiff/emit-onnx.js';
import type { OnnxType } from '../autodiff/onnx-protobuf.js';
import type { Tensor } from '../autodiff/tensor.js';

export type RuntimeName = 'native' | 'wasm';

export interface SessionOptions {
  /** Threads inside one operator; default: one a physical core (native), one a processor (WebAssembly). */
  readonly threads?: number | undefined;
  /** Keep a second copy of the weights in the kernels' own order: more memory, longer start, sometimes faster. */
  readonly packWeights?: boolean | undefined;
  /** Where it runs: on the caller's thread, or one of its own beside it. WebAssembly never runs on the caller's. */
  readonly thread?: 'caller' | 'own' | undefined;
}

/** Computes programs on some device. Its errors are its own; `program.ts` says what to do about them. */
export interface Runtime {
  readonly name: RuntimeName;
  /** The program as this runtime takes it: its lowering of each operation, and where it will look for the weights. */
  lower(results: Readonly<Record<string, Tensor>>, packed?: PackedMatrices): EmittedModel;
  /** Opens a program of `lower`, with its weights on the device. */
  open(model: EmittedModel, options: SessionOptions): Promise<Session>;
}

/** What a session is made of: all of it can be posted to another thread. */
export type SessionModel = Pick<EmittedModel, 'bytes' | 'weights' | 'outputs'>;

/** Numbers of a tensor: float32, or int64 indices. Flat, row-major. */
export type Values = Float32Array | BigInt64Array;

/** One input of a run. */
export interface BoundInput {
  readonly type: OnnxType;
  readonly data: Values;
  readonly dims: readonly number[];
}

/** An open program. */
export interface Session {
  run(inputs: Readonly<Record<string, BoundInput>>): Promise<Record<string, Values>>;
  /** Frees its memory. */
  release(): Promise<void>;
}
