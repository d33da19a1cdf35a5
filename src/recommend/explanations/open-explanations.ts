import type { RowSource } from '../../data/row-source.js';
import type { DecodingOptions } from '../../decoding/decoding-options.js';
import { SoftpromptError } from '../../errors.js';
import type { RowMap } from '../../methods/made-rows.js';
import { loadBaseModel } from '../../network/load-base-model.js';
import { type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { learnedCount } from '../../network/trainable.js';
import { type Closable, closable } from '../../runtime/closable.js';
import { textGenerator } from '../../tasks/generate-texts.js';
import type { GenerationTask } from '../../tasks/generation-task.js';
import type { TuneHooks } from '../../tasks/tune-events.js';
import { TUNE } from '../../tasks/tune-options.js';
import { checkModelShape } from '../check-model-shape.js';
import { unknownId } from '../unknown-id.js';
import type { Explanation } from './explanation-data.js';
import { readExplanations, type SavedExplanations } from './explanation-folder.js';
import type { ExplanationReport } from './explanation-report.js';
import { explainingSentence } from './explanation-sentences.js';
import { explanationTask } from './explanation-task.js';
import { type ExplanationMeasuring, measureExplanations, ONE_LINE, sampledFirst } from './measure-explanations.js';
import { givenMaker, mapsOf, type PersonalSources, slotsFor } from './personal-rows.js';
import { type ReviewColumns, readReviews } from './read-reviews.js';

export interface OpenExplanationsOptions extends LoadModelOptions {
  /** Another place of the frozen model than where it was. */
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
}

export interface ExplanationRequest {
  /** Whoever wrote reviews. */
  readonly user?: string | undefined;
  /** Items that somebody chose, the oldest first: of somebody who wrote none. */
  readonly history?: readonly string[] | undefined;
  readonly items: readonly string[];
}

export interface GivenExplanation {
  readonly item: string;
  /** A sentence as people write it who are like this, of what is like that. */
  readonly text: string;
}

/** Learned explanations on their model. */
export interface OpenExplanations extends Closable {
  readonly saved: SavedExplanations;
  readonly task: GenerationTask;
  readonly maps: readonly RowMap[];
  /** Whether anything is known of an item: reviews, a line of the items' file, a recommender's vector. */
  knowsItem(item: string): boolean;
  /** A sentence for each item, in their order. @throws RECOMMEND_REQUEST, DECODING_OPTION */
  explain(
    request: ExplanationRequest,
    options?: DecodingOptions,
    hooks?: { readonly signal?: AbortSignal | undefined },
  ): Promise<GivenExplanation[]>;
  /** What the rows of one sentence are made of, place by place. @throws RECOMMEND_REQUEST */
  given(request: ExplanationRequest, item: string): Float32Array[];
  /** How good it is on reviews. @throws the errors of readReviews, RECOMMEND_DATA */
  evaluate(data: RowSource, options?: ExplanationTest, hooks?: TuneHooks): Promise<ExplanationReport>;
}

export interface ExplanationTest extends Partial<ExplanationMeasuring>, Partial<ReviewColumns> {
  /** Default: true. */
  readonly sentences?: boolean | undefined;
}

/** @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL, and the errors of loadModel */
export async function openExplanations(
  folder: string,
  options: OpenExplanationsOptions = {},
): Promise<OpenExplanations> {
  const saved = await readExplanations(folder);
  const model = await (options.model === undefined
    ? loadBaseModel(saved.baseModel, options, '--model')
    : loadModel(options.model, options));
  checkModelShape(`The prompt in ${folder} was learned`, saved.baseModel, model.checkpoint);
  const { known, vectors, items, scale, learned, plan } = saved;
  const sources: PersonalSources = { known, vectors, items, scale };
  const { threads } = options;
  const { task, places } = await explanationTask(model, { ...plan, threads }, sources);
  if (learnedCount(task.trainable) !== learned.length) {
    await task.network.release();
    throw new SoftpromptError('RECOMMENDER_INVALID', {
      found: `${folder} holds ${learned.length} learned numbers, and vectors for maps of ${learnedCount(task.trainable)}`,
      expected: 'vectors as wide as those that the maps were learned for',
      fix: 'Take an undamaged copy, or learn them again.',
    });
  }
  const generator = textGenerator(task, learned, { threads });
  const knowsItem = (item: string) =>
    known.items.places.has(item) || items.places.has(item) || vectors?.places.has(item) === true;
  const slotsOf = ({ user, history }: ExplanationRequest, asked: readonly string[]) => {
    if (user === undefined && history === undefined) {
      throw new SoftpromptError('RECOMMEND_REQUEST', {
        found: 'The request names neither a user nor a history',
        expected: 'one of the two',
        fix: 'Give --user or --history.',
      });
    }
    if (user !== undefined && history === undefined && !known.users.places.has(user)) {
      throw unknownId('user', user, known.users.ids);
    }
    const unknown = [...(history ?? []), ...asked].find((item) => !knowsItem(item));
    if (unknown !== undefined) throw unknownId('item', unknown, known.items.ids);
    return asked.map((item) => slotsFor(sources, user ?? '', item, { history }));
  };
  const give = givenMaker(places, sources);
  return {
    ...{ saved, task, maps: mapsOf(places, sources), knowsItem },
    explain: async (request, decoding = {}, { signal } = {}) => {
      const texts = slotsOf(request, request.items);
      const stop = [...(decoding.stop ?? []), ...ONE_LINE];
      const given = { ...decoding, stop, maxNewTokens: decoding.maxNewTokens ?? plan.maxNewTokens };
      const answers = await generator.generate(texts, given, { signal });
      return request.items.map((item, i) => ({ item, text: answers[i]!.text.trim() }));
    },
    given: (request, item) => give({ id: '', fields: slotsOf(request, [item])[0]! }),
    evaluate: async (data, test = {}, hooks = {}) => {
      const { seed = 0, measureTexts = TUNE.measureTexts.default, maxNewTokens = plan.maxNewTokens, ...columns } = test;
      const features = new Set(saved.features);
      const whole = columns.sentences === false;
      const reviews = await readReviews(data, { table: {}, ...columns } as ReviewColumns, hooks.signal);
      const rows = reviews.flatMap(({ user, item, text, feature, rating }): Explanation[] => {
        const sentence = explainingSentence(text, features, { whole, feature });
        if (sentence === undefined) return [];
        const own = [...new Set([...(feature ? [feature] : []), ...sentence.features])];
        return [{ user, item, text: sentence.text, features: own, rating }];
      });
      if (rows.length === 0) {
        throw new SoftpromptError('RECOMMEND_DATA', {
          found: 'No row has a sentence that explains',
          expected: 'sentences of 4 to 25 words that name a feature',
          fix: 'Name the column of the texts (--target-column), or judge whole texts (--no-sentences).',
        });
      }
      const judged = sampledFirst(rows, measureTexts, seed);
      const measuring = { seed, measureTexts, maxNewTokens, threads };
      return (await measureExplanations(task, learned, judged, sources, measuring, 'evaluating', hooks)).report;
    },
    ...closable(async () => {
      await generator.release();
      await task.network.release();
    }),
  };
}
