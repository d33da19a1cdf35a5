/**
 * `softprompt/autodiff`: tensors with symbolic shapes, reverse-mode gradients, and one ONNX model of the result, run by
 * ONNX Runtime. It knows nothing of language models.
 */

export { compile, type Feed, type Program, type ProgramOptions } from '../runtime/program.js';
export * from './build.js';
export { type EmittedModel, emitOnnx } from './emit-onnx.js';
export { gradient } from './gradient.js';
export type { ElementType, OperationAttributes, OperationName } from './operation-attributes.js';
export { printComputation } from './print.js';
export type { Shape, Size } from './size.js';
export type { Node, Tensor } from './tensor.js';
