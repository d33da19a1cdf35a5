import type { DecodingOptions } from '../decoding/decoding-options.js';
import type { AnswerStream } from '../decoding/request.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { textEmbedder } from '../tasks/embed-texts.js';
import { inputFields, sampleFields } from '../tasks/made-rows/text-rows.js';
import { generationOnModel } from '../tasks/open-generation.js';
import { promptOnModel } from '../tasks/open-prompt.js';
import { mixablePrompt, predictMixed } from '../tasks/predict-mixed.js';
import { requireTask } from '../tasks/prompt-folder/prompt-task.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../tasks/prompt-folder/saved-prompt.js';
import { templateFields } from '../tasks/template-fields.js';
import { Batcher } from './batcher.js';
import { type HeldModels, type LoadingOptions, tokensOf } from './held-models.js';
import { profileInput } from './profile-fields.js';
import { readCard } from './read-card.js';
import type { Fields, ServedPrompt } from './served.js';
import { Refusal, ServerBusy } from './server-refusals.js';
import type { Loaded } from './shelf.js';
import type { FoundFolder } from './watched-folder.js';

/** A text, and how many of it in a batch show how fast a model is on this machine. */
const USUAL = Array(24).fill('a').join(' ');
const SAMPLES = 8;

/** Prompts that are tried when a service starts: a thousand would take minutes. */
const TRIED_AT_START = 64;

/**
 * Loads prompts; those of one model share it, and their texts are answered by one queue.
 * @param starting whether the service has not answered yet: of many prompts the first are tried then, the others when they
 * are first asked
 */
export function promptLoader(models: HeldModels, options: LoadingOptions, starting: () => boolean) {
  let generating = 0;
  let tried = 0;
  const running = { threads: options.threads, thread: 'own' } as const;

  const classification = async (path: string, saved: SavedPrompt, card: string): Promise<Loaded<ServedPrompt>> => {
    const { model, network, queue } = await models.hold(saved.baseModel);
    const open = promptOnModel(saved, model, running);
    try {
      const slots = templateFields(open.task.compiled.template);
      const input = await profileInput(path, open);
      const fields = input?.fields ?? inputFields(open.task.compiled.template);
      const encode = (text: Fields) => open.task.compiled.encode({ id: 'the text', fields: text, label: undefined });
      const ask = (text: Fields) => encode(input?.told(text) ?? text);
      const prompt = mixablePrompt(open);
      // a prompt that cannot answer is told now, and the first answer, which is slow, is given to nobody
      const sample = sampleFields(open.task.compiled.template);
      const sequence = encode(sample);
      if (!starting() || tried++ < TRIED_AT_START) await predictMixed(network, [{ prompt, sequence }]);
      if (!queue.paced) {
        const usual = encode({ ...sample, ...filled(slots, USUAL) });
        await queue.submit(Array.from({ length: SAMPLES }, () => ({ prompt, sequence: usual })));
      }
      const embedder = textEmbedder(open, running);
      const embedding = new Batcher<PromptSequence, Float32Array>({
        ...{ ...options.batch, cost: tokensOf },
        run: embedder.embed,
      });
      return {
        value: {
          ...{ saved, card, fields, generate: () => refuseTask('labels texts: ask /predict') },
          tokens: (text) => model.tokenizer.encode(text).length,
          embed: async (texts, signal) => embedding.submit(texts.map(ask), signal),
          predict: async (texts, signal) => {
            const asked = texts.map((text) => ({ prompt, sequence: ask(text) })); // a mistake is this request's alone
            return queue.submit(asked, signal);
          },
        },
        close: async () => {
          await embedding.drain();
          await embedder.close();
          await open.close();
        },
      };
    } catch (error) {
      await open.close();
      throw error;
    }
  };

  const generation = async (saved: SavedPrompt, card: string): Promise<Loaded<ServedPrompt>> => {
    const { model } = await models.hold(saved.baseModel);
    const open = await generationOnModel(saved, model, running);
    const { fields } = open.task;
    try {
      await open.generator.generate([filled(fields, 'a')], { maxNewTokens: 1 }); // see above
    } catch (error) {
      await open.close();
      throw error;
    }
    const generate = (texts: readonly Fields[], asked: DecodingOptions, signal?: AbortSignal): AnswerStream[] => {
      if (generating + texts.length > options.streams) throw new ServerBusy(1);
      const { maxNewTokens = open.maxNewTokens, seed = 0 } = asked;
      return texts.map((text, i) => {
        const stream = open.generator.stream(text, { ...asked, maxNewTokens, seed: seed + i }, signal);
        generating += 1;
        const ended = () => {
          generating -= 1;
        };
        stream.answer.then(ended, ended);
        return stream;
      });
    };
    return {
      value: {
        ...{ saved, card, fields, generate },
        tokens: (text) => model.tokenizer.encode(text).length,
        predict: async () => refuseTask('goes on with texts: ask /generate'),
        embed: async () => refuseTask('goes on with texts: ask /generate'),
      },
      close: open.close,
    };
  };

  return async ({ path }: FoundFolder): Promise<Loaded<ServedPrompt>> => {
    const saved = await readPrompt(path);
    const card = await readCard(path, [saved.baseModel.source]);
    if (saved.task === 'generation') return generation(saved, card);
    requireTask(saved, 'classification', path);
    return classification(path, saved, card);
  };
}

const filled = (fields: readonly string[], text: string): Fields =>
  Object.fromEntries(fields.map((field) => [field, text]));

function refuseTask(what: string): never {
  throw new Refusal(400, 'PROMPT_TASK', `This prompt ${what}.`);
}
