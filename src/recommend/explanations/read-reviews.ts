import { columnsOf, namedColumn, requireColumn } from '../../data/interactions/guess-columns.js';
import { type RowSource, sourceName, tableRows } from '../../data/row-source.js';
import { SoftpromptError } from '../../errors.js';
import type { ExplanationPlan } from './explanation-options.js';

/** What somebody wrote of something. */
export interface Review {
  readonly user: string;
  readonly item: string;
  readonly text: string;
  /** What it is about, where the row says so. */
  readonly feature: string | undefined;
  readonly rating: number | undefined;
}

export type ReviewColumns = Pick<
  ExplanationPlan,
  'userColumn' | 'itemColumn' | 'ratingColumn' | 'featureColumn' | 'targetColumn' | 'table'
>;

/** Names of the column of texts, the surest first. */
const TEXTS = [
  'target',
  'explanation',
  'sentence',
  'review',
  'reviewText',
  'review_text',
  'review_body',
  'text',
  'comment',
  '评论',
  '评价',
];
const FEATURES = ['feature', 'aspect', '特征'];

/** @throws DATA_COLUMN_MISSING, DATA_ID_MISSING, tableRows' errors */
export async function readReviews(source: RowSource, options: ReviewColumns, signal?: AbortSignal): Promise<Review[]> {
  const name = sourceName(source);
  const reviews: Review[] = [];
  let columns: ReturnType<typeof columnsOfReviews> | undefined;
  for await (const { number, values } of tableRows(source, { ...options.table, signal })) {
    columns ??= columnsOfReviews([...values.keys()], name, options);
    const cell = (column: string | undefined) => (column === undefined ? '' : (values.get(column)?.trim() ?? ''));
    const [user, item] = [cell(columns.user), cell(columns.item)];
    if (user === '' || item === '') {
      throw new SoftpromptError('DATA_ID_MISSING', {
        found: `${name}:${number} has nothing in '${user === '' ? columns.user : columns.item}'`,
        expected: 'the id of a user and of an item in every row',
        fix: 'Fill it in, or remove the row.',
      });
    }
    const rating = Number(cell(columns.rating) || Number.NaN);
    reviews.push({
      ...{ user, item, text: cell(columns.text) },
      feature: cell(columns.feature).toLowerCase() || undefined,
      rating: Number.isFinite(rating) ? rating : undefined,
    });
  }
  return reviews;
}

function columnsOfReviews(names: readonly string[], source: string, options: ReviewColumns) {
  const user = requireColumn('user', names, source, options.userColumn);
  const given = (column: string | undefined, known: readonly string[]) =>
    column === undefined ? known.map((one) => namedColumn(one, names)).find((one) => one !== undefined) : named(column);
  const named = (column: string): string => {
    const found = namedColumn(column, names);
    if (found !== undefined) return found;
    throw missing(names, source, `'${column}'`, 'Correct the name.');
  };
  const text = given(options.targetColumn, TEXTS);
  if (text === undefined) {
    throw missing(
      names,
      source,
      `one that holds what people wrote: ${TEXTS.slice(0, 5).join(', ')} …`,
      'Name the column of the texts (--target-column).',
    );
  }
  return {
    ...{ user, text },
    item: requireColumn('item', names, source, options.itemColumn, user),
    feature: given(options.featureColumn, FEATURES),
    rating: options.ratingColumn === undefined ? columnsOf('rating', names)[0] : named(options.ratingColumn),
  };
}

function missing(names: readonly string[], source: string, expected: string, fix: string): SoftpromptError {
  return new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${source} has the columns ${names.map((one) => `'${one}'`).join(', ')}`,
    ...{ expected, fix },
  });
}
