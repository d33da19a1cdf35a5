/** Vectors of items [ids, width]. */
export interface ItemVectors {
  readonly places: ReadonlyMap<string, number>;
  readonly values: Float32Array;
  readonly width: number;
}
