import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import type { ItemInputs } from './item-inputs.js';
import type { SasRecShape } from './sasrec-network.js';
import type { UserInputs } from './user-inputs.js';

/** A trained SASRec; with the frozen encoder in place of its learned layers, if the shape says so. */
export interface SasRec {
  readonly shape: SasRecShape;
  readonly weights: NetworkWeights;
  readonly inputs: ItemInputs;
  /** What is known of the users whose tokens stand in front of their histories; undefined where none do. */
  readonly users?: UserInputs | undefined;
  /** What the frozen encoder is made of. */
  readonly languageModel?: Checkpoint | undefined;
  /** [I] training interactions: what an empty history is answered with, unless more is known since. */
  readonly popularity: Float32Array;
  /** [I] all interactions that are known now, those since the training included; undefined where there are none. */
  readonly counts?: Float32Array | undefined;
}
