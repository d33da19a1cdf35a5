import type { DecodingOptions } from '../../decoding/decoding-options.js';
import type { Recommendation } from '../open-recommender.js';
import type { OpenExplanations } from './open-explanations.js';

/** A recommendation, and what people like this one write of it. */
export interface ExplainedRecommendation extends Recommendation {
  /** Undefined where nothing is known of the item. */
  readonly explanation?: string;
}

/**
 * A sentence for each recommendation. Whoever wrote no review is known by his history.
 * @throws DECODING_OPTION
 */
export async function explainRecommendations<T extends Recommendation>(
  explanations: OpenExplanations,
  request: { readonly user?: string | undefined; readonly history?: readonly string[] | undefined },
  list: readonly T[],
  options: DecodingOptions = {},
): Promise<(T & ExplainedRecommendation)[]> {
  const { user, history = [] } = request;
  const known = list.filter(({ item }) => explanations.knowsItem(item));
  const given = await explanations.explain(
    {
      ...(user !== undefined && explanations.saved.known.users.places.has(user)
        ? { user }
        : { history: history.filter((item) => explanations.knowsItem(item)) }),
      items: known.map(({ item }) => item),
    },
    options,
  );
  const texts = new Map(given.map(({ item, text }) => [item, text]));
  return list.map((one) => {
    const explanation = texts.get(one.item);
    return explanation === undefined ? one : { ...one, explanation };
  });
}
