import { setImmediate as immediate } from 'node:timers/promises';
import type { PromptSequence } from '../prompt/sequence.js';
import { fittedReading } from '../recommend/new-items.js';
import { openRecommender, recommendFor } from '../recommend/open-recommender.js';
import { recommenderTextReader } from '../recommend/open-text-reader.js';
import { preferenceItems } from '../recommend/preference/choose-candidates.js';
import { preferenceOnModel } from '../recommend/preference/open-preference.js';
import { holdsPreference, readPreference } from '../recommend/preference/preference-folder.js';
import { Batcher } from './batcher.js';
import { type HeldModels, type LoadingOptions, tokensOf } from './held-models.js';
import { readCard } from './read-card.js';
import type { ServedReader, ServedRecommender } from './served.js';
import type { Loaded } from './shelf.js';
import type { FoundFolder } from './watched-folder.js';

/** Lists that are made at a time: while one waits for its network another is ordered. */
const LISTS_AT_A_TIME = 2;

/** A mistake is its own request's alone. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

interface Turn {
  readonly work: () => Promise<unknown>;
  readonly cost: number;
}

/** Loads what makes lists, and what judges items; the frozen models of both are shared with the prompts. */
export function recommenderLoader(models: HeldModels, options: LoadingOptions) {
  const running = { threads: options.threads, thread: 'own' } as const;

  const inTurns = () => {
    const turns = new Batcher<Turn, Outcome>({
      ...{ ...options.batch, most: LISTS_AT_A_TIME, wait: 0, cost: ({ cost }) => cost },
      run: async (batch) => {
        await immediate();
        return Promise.all(
          batch.map(({ work }) =>
            work().then(
              (value) => ({ value }),
              (error) => ({ error }),
            ),
          ),
        );
      },
    });
    return async <T>(work: () => Promise<T>, signal?: AbortSignal, cost = 1): Promise<T> => {
      const [outcome] = await turns.submit([{ work, cost }], signal);
      if ('error' in outcome!) throw outcome.error;
      return outcome!.value as T;
    };
  };

  const lists = async (path: string): Promise<Loaded<ServedRecommender>> => {
    const { model, cacheFolder } = options;
    const open = await openRecommender(path, { model, cacheFolder, ...running });
    const { reading, encoderModel } = open.saved;
    const inTurn = inTurns();
    try {
      // one that cannot answer is told now; the first list is slow, and the second shows how long one takes
      for (let i = 0; i < 2; i++)
        await inTurn(() => recommendFor(open, { history: open.saved.recommender.items.slice(0, 3) }));
    } catch (error) {
      await open.close();
      throw error;
    }
    let reader: Promise<Loaded<ServedReader>> | undefined;
    const openReader = async (): Promise<Loaded<ServedReader>> => {
      const fitted = fittedReading(open.saved, 'This recommender');
      const held = await models.hold(fitted.baseModel);
      const { slots, encode, read, close } = recommenderTextReader(fitted, held.model, running);
      const reading = new Batcher<PromptSequence, Float32Array>({ ...options.batch, cost: tokensOf, run: read });
      const value: ServedReader = {
        fields: slots,
        tokens: (text) => held.model.tokenizer.encode(text).length,
        embed: async (texts, signal) => reading.submit(encode(texts), signal),
      };
      return { value, close: () => reading.drain().then(close) };
    };
    return {
      value: {
        ...{
          task: 'lists',
          open,
          inTurn,
          card: await readCard(path, [reading?.baseModel.source, encoderModel?.source]),
        },
        reader: async () => {
          reader ??= openReader();
          reader.catch(() => {
            reader = undefined;
          });
          return (await reader).value;
        },
      },
      ends: (older) =>
        older.task !== 'lists' || (older.open.saved.life?.forgotten ?? 0) < (open.saved.life?.forgotten ?? 0),
      close: async () => {
        await reader?.then(({ close }) => close()).catch(() => {});
        await open.close();
      },
    };
  };

  const preference = async (path: string): Promise<Loaded<ServedRecommender>> => {
    const saved = await readPreference(path);
    const { model } = await models.hold(saved.baseModel);
    const open = await preferenceOnModel(saved, model, path, running);
    const table = preferenceItems(open);
    const inTurn = inTurns();
    const close = async () => {
      await table.close();
      await open.close();
    };
    try {
      const known = saved.items.ids.length > 0 ? saved.items.ids : saved.answers.map(({ item }) => item);
      const candidates = known.slice(0, 4);
      for (let i = 0; i < 2 && candidates.length > 0; i++) {
        await inTurn(() => open.for({ history: [], candidates }), undefined, candidates.length); // see above
      }
      const card = await readCard(path, [saved.baseModel.source]);
      return {
        value: { task: 'preference', open, inTurn, card, itemTable: table.open },
        ends: (older) => older.task !== 'preference' || (older.open.saved.forgotten ?? 0) < (saved.forgotten ?? 0),
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  };

  return ({ path }: FoundFolder) => (holdsPreference(path) ? preference(path) : lists(path));
}
