import { type Decoder, decoder } from '../decoding/decoder.js';
import { type DecodingOptions, decodingSettings } from '../decoding/decoding-options.js';
import type { Answer, AnswerStream } from '../decoding/request.js';
import {
  type DecodingNetwork,
  type DecodingNetworkOptions,
  decodingNetwork,
  MOST_POSITIONS,
} from '../network/decoding/decoding-network.js';
import { answerForms } from './answer-forms.js';
import type { GenerationTask } from './generation-task.js';

/** What goes on with texts as a prompt was learned to. */
export interface TextGenerator {
  /**
   * The answer to one text, piece by piece.
   * @param fields a text for each slot of the template
   * @throws DECODING_OPTION, FIELD_MISSING, PROMPT_EMPTY, PROMPT_TOO_LONG, SEQUENCE_TOO_LONG
   */
  stream(fields: Readonly<Record<string, string>>, options?: DecodingOptions, signal?: AbortSignal): AnswerStream;
  /** The answers to many texts, which are computed together; each draws with a seed of its own, one after the other. */
  generate(
    texts: readonly Readonly<Record<string, string>>[],
    options?: DecodingOptions,
    hooks?: { readonly onProgress?: (done: number, all: number) => void; readonly signal?: AbortSignal | undefined },
  ): Promise<Answer[]>;
  release(): Promise<void>;
}

/** @param learned the numbers of what was learned, flat */
export function textGenerator(
  task: GenerationTask,
  learned: Float32Array,
  options: Pick<DecodingNetworkOptions, 'threads' | 'thread' | 'precision' | 'cacheFolder'> = {},
): TextGenerator {
  const { model, ends, wordsBehind } = task;
  const { config } = model.checkpoint;
  let open: { readonly network: DecodingNetwork; readonly decoder: Decoder } | undefined;
  const forms = answerForms(task);
  const opened = () => {
    if (open === undefined) {
      const maxPositions = Math.min(config.maxPositions, Math.max(MOST_POSITIONS, 2 * task.maxLength));
      const network = decodingNetwork(model.checkpoint, { ...options, maxPositions });
      open = { network, decoder: decoder(network, model.tokenizer, { ends: new Set(ends) }) };
    }
    return open.decoder;
  };
  const stream: TextGenerator['stream'] = (fields, given = {}, signal) => {
    const settings = decodingSettings(given);
    const constraint = forms(settings);
    const free = settings.regex === undefined && settings.jsonSchema === undefined;
    const stop = wordsBehind === '' || !free ? settings.stop : [...settings.stop, wordsBehind];
    return opened().answer({
      ...{ prompt: task.promptFor(learned, fields), signal, settings: { ...settings, stop } },
      context: task.encodeContext(fields, settings.maxNewTokens),
      sharedRows: task.sharedRows,
      ...{ constraint, leadingSpace: task.leadingSpace, decoderStart: task.decoderStart },
    });
  };
  return {
    stream,
    generate: async (texts, given = {}, { onProgress, signal } = {}) => {
      const { seed } = decodingSettings(given);
      let done = 0;
      const ending = new AbortController();
      const any = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
      try {
        return await Promise.all(
          texts.map(async (fields, i) => {
            const answer = await stream(fields, { ...given, seed: seed + i }, any).answer;
            onProgress?.(++done, texts.length);
            return answer;
          }),
        );
      } catch (error) {
        ending.abort(error); // nobody waits for the others
        throw error;
      }
    },
    release: async () => {
      await open?.network.release();
    },
  };
}
