import type { PromptSequence } from '../prompt/sequence.js';

/** Sequences as bytes, JSON a line, with all that a network sees of them. */
export function sequencesToBytes(sequences: readonly PromptSequence[]): Uint8Array {
  const lines = sequences.map(({ context, candidates, target, masked, decoderStart, given, residual }) =>
    JSON.stringify({
      context: [...context],
      candidates: candidates.map((ids) => [...ids]),
      target,
      masked: masked?.map(({ ids, masks }) => ({ ids: [...ids], masks })),
      decoderStart: decoderStart && [...decoderStart],
      given: given?.map((vector) => [...vector]),
      residual: residual && { offsets: [...residual.offsets], weights: [...residual.weights] },
    }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

interface Line {
  readonly context: readonly number[];
  readonly candidates: readonly (readonly number[])[];
  readonly target?: number;
  readonly masked?: readonly { readonly ids: readonly number[]; readonly masks: readonly number[] }[];
  readonly decoderStart?: readonly number[];
  readonly given?: readonly (readonly number[])[];
  readonly residual?: { readonly offsets: readonly number[]; readonly weights: readonly number[] };
}

/** Reads what `sequencesToBytes` wrote. */
export function sequencesFromBytes(bytes: Uint8Array): PromptSequence[] {
  const lines = Buffer.from(bytes).toString('utf8').trimEnd().split('\n');
  return lines.map((text): PromptSequence => {
    const { context, candidates, target, masked, decoderStart, given, residual } = JSON.parse(text) as Line;
    return {
      context: Int32Array.from(context),
      candidates: candidates.map((ids) => Int32Array.from(ids)),
      target,
      ...(masked && { masked: masked.map(({ ids, masks }) => ({ ids: Int32Array.from(ids), masks })) }),
      ...(decoderStart && { decoderStart: Int32Array.from(decoderStart) }),
      ...(given && { given: given.map((vector) => Float32Array.from(vector)) }),
      ...(residual && {
        residual: { offsets: Float32Array.from(residual.offsets), weights: Float32Array.from(residual.weights) },
      }),
    };
  });
}
