/**
 * `softprompt/autodiff`: tensors with symbolic shapes, reverse-mode gradients, and one ONNX model of the result, run by
 * ONNX Runtime. It knows nothing of language models.
 */

export * from '../autodiff/build.js';
export { type EmittedModel, emitOnnx } from '../autodiff/emit-onnx.js';
export { gradient } from '../autodiff/gradient.js';
export type { ElementType, OperationAttributes, OperationName } from '../autodiff/operation-attributes.js';
export { printComputation } from '../autodiff/print.js';
export type { Shape, Size } from '../autodiff/size.js';
export type { Node, Tensor } from '../autodiff/tensor.js';
export { loadRuntime } from '../runtime/load-runtime.js';
export { compile, type Feed, type Program, type ProgramOptions } from '../runtime/program.js';
export type { Runtime, RuntimeName, Session, SessionOptions } from '../runtime/runtime.js';
export { chooseRuntime, onRuntimeNote } from '../runtime/runtime-choice.js';
export { type AdamWSettings, type AdamWState, adamWStart, adamWStep, clipGradient } from '../training/adamw.js';
export { type Decay, learningRateAt, type ScheduleSettings } from '../training/schedule.js';
