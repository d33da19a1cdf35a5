import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { KeyValueSlots } from '../network/decoding/key-value-slots.js';
import type { DecodingRequest } from './request.js';

/** Reads a request's text into a slot: logits [V] of the first token of its answer. */
export async function readContext(
  network: DecodingNetwork,
  slots: KeyValueSlots,
  slot: number,
  { prompt, context, sharedRows, decoderStart }: DecodingRequest,
): Promise<Float32Array> {
  if (decoderStart !== undefined) {
    await network.begin(slots, slot, prompt, new Int32Array(0));
    await network.read(slots, slot, prompt, context);
    return network.extend(slots, slot, prompt, decoderStart);
  }
  const front = Math.min(sharedRows, context.length - 1); // one row is left to predict from
  await network.begin(slots, slot, prompt, context.subarray(0, front));
  return network.extend(slots, slot, prompt, context.subarray(front));
}
