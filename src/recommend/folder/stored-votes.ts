import { readPartSync } from '../../files/read-bytes.js';
import type { StoredTensor } from '../../weights/stored-tensor.js';
import type { ItemItemModel } from '../item-item-model.js';

/** Where an item-item model lies in a file: most of a recommender's folder. */
export type VoteTensors = Readonly<Record<'offsets' | 'targets' | 'weights', StoredTensor>>;

/** An item-item model that stays in its file until somebody asks what it says; whoever writes it as it is copies it. */
export class StoredVotes implements ItemItemModel {
  #offsets: Int32Array | undefined;
  #targets: Int32Array | undefined;
  #weights: Float32Array | undefined;

  constructor(
    readonly stored: VoteTensors,
    readonly recency: number,
  ) {}

  get offsets(): Int32Array {
    this.#offsets ??= new Int32Array(bytesOf(this.stored.offsets));
    return this.#offsets;
  }

  get targets(): Int32Array {
    this.#targets ??= new Int32Array(bytesOf(this.stored.targets));
    return this.#targets;
  }

  get weights(): Float32Array {
    this.#weights ??= new Float32Array(bytesOf(this.stored.weights));
    return this.#weights;
  }
}

const bytesOf = ({ file, offset, byteLength }: StoredTensor): ArrayBuffer =>
  readPartSync(file, offset, byteLength).buffer;
