/** Tokens that count more than others in the loss: those that follow a cue. */
export interface Emphasis {
  /** Ids of each cue. */
  readonly cues: readonly (readonly number[])[];
  /** What such a token counts; others count 1. */
  readonly weight: number;
}

/** Whether a cue ends at row t of a window, so that the token behind it is that of row t + 1. */
export const endsAt = (window: Int32Array, t: number, cue: readonly number[]) =>
  t + 1 >= cue.length && cue.every((id, i) => window[t + 1 - cue.length + i] === id);
