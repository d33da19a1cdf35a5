import { checkOptions } from '../../check-options.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import { visibilityOf } from '../../network/frozen-network.js';
import type { EncoderShape } from './encoder.js';
import { startingItemSize } from './item-start.js';
import type { ItemFeatures, SettledOptions } from './sasrec-options.js';

/** What a frozen encoder is made of. */
export interface FrozenStart {
  readonly checkpoint: Checkpoint;
  /** [P, D] where the task prompt starts, such as the embeddings of some words. */
  readonly prompt: Float32Array;
  /** Root mean square of the model's embeddings. */
  readonly embeddingSize: number;
}

/**
 * The encoder that the options ask for.
 * @param features of the items, or their count where they are read and whitened
 * @throws TUNING_SETTING
 */
export function encoderShape(
  options: SettledOptions,
  frozen: FrozenStart | undefined,
  features: ItemFeatures | number | undefined,
): EncoderShape {
  const { width, layers, heads, maxLength, encoder, taskTokens } = options;
  const shape = { width, layers, heads, maxLength };
  if (encoder === 'gru') return { ...shape, recurrent: true };
  if (encoder === 'masked') return { ...shape, masked: true };
  if (encoder === 'learned') return shape;
  const given = frozen?.checkpoint.config;
  const rows = taskTokens + maxLength + 1;
  checkOptions(
    [
      ['encoder', encoder, given !== undefined, "'learned' where no language model is given"],
      [
        'encoder',
        encoder,
        given === undefined || visibilityOf(given) !== 'all',
        `'learned' with a model that sees whole texts at once, as ${given?.family} does: a history is encoded from left to right (--encoder learned)`,
      ],
      ['layers', layers, given === undefined || layers <= given.layers, `at most the model's ${given?.layers}`],
      [
        'maxLength',
        maxLength,
        given === undefined || rows <= given.maxPositions,
        `with the prompt's ${taskTokens} and one at the end at most the model's ${given?.maxPositions} positions (--max-history, --task-prompt)`,
      ],
    ],
    'TUNING_SETTING',
  );
  const { prompt, embeddingSize } = frozen!;
  const modelWidth = given!.hiddenSize;
  if (prompt.length !== taskTokens * modelWidth) {
    throw new RangeError(`a start of ${prompt.length} numbers for ${taskTokens} tokens of ${modelWidth}`);
  }
  const itemSize = startingItemSize(options, features);
  return { ...shape, frozen: { promptTokens: taskTokens, modelWidth, embeddingSize, itemSize } };
}
