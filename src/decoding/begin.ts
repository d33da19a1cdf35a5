import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { KeyValueSlots } from '../network/decoding/key-value-slots.js';
import type { DecodingRequest } from './request.js';

/** Reads a request's text into a slot: logits [V] of the first token of its answer. */
export async function readContext(
  network: DecodingNetwork,
  slots: KeyValueSlots,
  slot: number,
  { prompt, context, sharedRows }: DecodingRequest,
): Promise<Float32Array> {
  const front = Math.min(sharedRows, context.length - 1); // one row is left to predict from
  await network.begin(slots, slot, prompt, context.subarray(0, front));
  return network.extend(slots, slot, prompt, context.subarray(front));
}
