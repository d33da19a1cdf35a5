/**
 * The few messages of the ONNX format that a model of ours consists of, written in protocol-buffer wire format.
 * Field numbers: onnx.proto of the ONNX project, IR version 10.
 */
import { MessageWriter } from '../protobuf-message.js';

export type OnnxType = 'float32' | 'int64';
const ELEMENT_TYPE: Readonly<Record<OnnxType | 'uint8', number>> = { float32: 1, uint8: 2, int64: 7 };

export type OnnxAttribute = number | { readonly float: number } | string | readonly number[];

export interface OnnxNode {
  readonly operator: string;
  /** '' is ONNX's own operator set, 'com.microsoft' ONNX Runtime's. */
  readonly domain?: '' | 'com.microsoft';
  readonly inputs: readonly string[];
  /** '' where an optional output is not wanted. */
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: OnnxType | 'uint8';
  readonly shape: readonly number[];
  readonly content:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'external'; readonly location: string; readonly offset: number; readonly byteLength: number };
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
}

/** Opset 21 of ONNX and 1 of `com.microsoft`. */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const graph = new MessageWriter();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.text(2, model.name);
  for (const initializer of model.initializers) graph.message(5, tensorMessage(initializer));
  for (const value of model.inputs) graph.message(11, valueMessage(value));
  for (const value of model.outputs) graph.message(12, valueMessage(value));
  return new MessageWriter()
    .integer(1, 10)
    .text(2, 'softprompt')
    .message(7, graph)
    .message(8, new MessageWriter().text(1, '').integer(2, 21))
    .message(8, new MessageWriter().text(1, 'com.microsoft').integer(2, 1))
    .finish();
}

function nodeMessage(node: OnnxNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, node.outputs[0]!).text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes ?? {})) message.message(5, attributeMessage(name, value));
  return message.text(7, node.domain ?? '');
}

function attributeMessage(name: string, value: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function tensorMessage(tensor: OnnxInitializer): MessageWriter {
  const message = new MessageWriter();
  for (const size of tensor.shape) message.integer(1, size);
  message.integer(2, ELEMENT_TYPE[tensor.type]).text(8, tensor.name);
  if (tensor.content.kind === 'inline') return message.bytes(9, tensor.content.bytes);
  const { location, offset, byteLength } = tensor.content;
  for (const [key, value] of [
    ['location', location],
    ['offset', `${offset}`],
    ['length', `${byteLength}`],
  ] as const) {
    message.message(13, new MessageWriter().text(1, key).text(2, value));
  }
  return message.integer(14, 1);
}

function valueMessage(value: OnnxValue): MessageWriter {
  const shape = new MessageWriter();
  for (const size of value.shape) {
    shape.message(
      1,
      typeof size === 'number' ? new MessageWriter().integer(1, size) : new MessageWriter().text(2, size),
    );
  }
  const tensor = new MessageWriter().integer(1, ELEMENT_TYPE[value.type]).message(2, shape);
  return new MessageWriter().text(1, value.name).message(2, new MessageWriter().message(1, tensor));
}
