import type { TextReader } from '../../network/text-reader.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { Whitening } from './whitening.js';

/** A catalogue, and the reader of its texts with what it can learn. */
export interface CatalogueReading {
  readonly reader: TextReader;
  /** What an update moves a learned number by default: the method's automatic learning rate. */
  readonly rate: number;
  /** One an item code; undefined where an item has no text. */
  readonly texts: readonly (PromptSequence | undefined)[];
}

/** How a catalogue is read: the learned numbers, and the map of what was read to features. */
export interface LearnedReading {
  readonly learned: Float32Array;
  readonly whitening: Whitening;
}
