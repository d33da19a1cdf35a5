import { SoftpromptError } from '../errors.js';
import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { AnswerInProgress } from './answer-in-progress.js';
import { beamSearch } from './beam-search.js';
import { decodeAhead } from './decode-ahead.js';
import type { AnswerStream, DecodingRequest } from './request.js';
import { StreamBatch } from './stream-batch.js';

/** Answers many requests at once: those that can be are in one batch, which others join and leave at any token. */
export interface Decoder {
  /**
   * Goes on with a text. Nothing of what others ask for changes the answer, but for the rounding of sums.
   * @throws SEQUENCE_TOO_LONG
   */
  answer(request: DecodingRequest): AnswerStream;
}

export interface DecoderOptions {
  /** Ids that end an answer. */
  readonly ends: ReadonlySet<number>;
  /** Most streams in one batch. Default: 16. */
  readonly streams?: number | undefined;
}

const MOST_STREAMS = 16;

export function decoder(network: DecodingNetwork, tokenizer: Tokenizer, options: DecoderOptions): Decoder {
  const { ends, streams = MOST_STREAMS } = options;
  const batches = new Map<string, StreamBatch>();
  return {
    answer: (request) => {
      const { settings, prompt, context, decoderStart } = request;
      const { maxPositions } = network;
      const room = maxPositions - prompt.trainable.leadingRows - (decoderStart ?? context).length;
      if (room < 1 || context.length >= maxPositions)
        throw tooLong(context.length + prompt.trainable.leadingRows, maxPositions);
      const answer = new AnswerInProgress(request, tokenizer, ends, Math.min(room, settings.maxNewTokens));
      if (settings.beams > 1) {
        beamSearch(network, answer, { ends, tokenizer, room: Math.min(room, settings.maxNewTokens) }).catch(
          answer.queue.fail,
        );
      } else if (settings.lookup > 0) {
        decodeAhead(network, answer).catch(answer.queue.fail);
      } else {
        const key = network.batchKey(prompt);
        const batch = batches.get(key) ?? new StreamBatch(network, streams, () => batches.delete(key));
        batches.set(key, batch);
        batch.add(answer);
      }
      return answer.queue.stream;
    },
  };
}

function tooLong(length: number, most: number): SoftpromptError {
  return new SoftpromptError('SEQUENCE_TOO_LONG', {
    found: `A text of ${length} tokens, learned ones included`,
    expected: `fewer than ${most}, the positions that the model was opened for, so that an answer has room`,
    fix: 'Shorten the text, or cut its slot in the template: {text|max=200}.',
  });
}
