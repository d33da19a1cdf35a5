import { namedColumn } from '../../data/interactions/guess-columns.js';
import { SoftpromptError } from '../../errors.js';

/** What tells a like from a dislike. */
export interface LikeRule {
  readonly column: string;
  /** Undefined for an empty text. @throws DATA_LABEL_UNKNOWN */
  read(text: string, place: string): boolean | undefined;
}

const TRUE = /^(?:1(?:\.0*)?|true|yes|y|t|like|liked|是|喜欢)$/i;
const FALSE = /^(?:0(?:\.0*)?|-1|false|no|n|f|dislike|disliked|否|不喜欢)$/i;
const LABELS = ['label', 'liked', 'like', '喜欢', '是否喜欢'];
/** Columns of one to five stars, the first of them the usual. */
const RATINGS = ['rating', 'stars', '评分', '星级', '打分'] as const;
const DEFAULT = `${RATINGS[0]} >= 4`;
const RULE = /^\s*(.+?)\s*(>=|<=|==|=|>|<)\s*(.+?)\s*$/s;

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
};

/**
 * A rule such as `rating >= 4`, `stars > 3` or `clicked = yes`; without one the column `label`, `liked` or `like`, which
 * says 1 or 0, yes or no, true or false; without that `rating >= 4`, or the same of `stars`; Chinese names are known too.
 * @throws RECOMMEND_OPTION, DATA_COLUMN_MISSING
 */
export function likeRule(rule: string | undefined, names: readonly string[], source: string): LikeRule {
  const labelled = LABELS.map((name) => namedColumn(name, names)).find((name) => name !== undefined);
  if (rule === undefined && labelled !== undefined) {
    return {
      column: labelled,
      read: (text, place) => {
        const word = text.trim();
        if (word === '') return undefined;
        if (TRUE.test(word)) return true;
        if (FALSE.test(word)) return false;
        throw unreadable(place, labelled, text, '1 or 0, yes or no, true or false');
      },
    };
  }
  const rated = RATINGS.find((name) => namedColumn(name, names) !== undefined) ?? RATINGS[0];
  const [, named = '', operator = '', value = ''] = RULE.exec(rule ?? `${rated} >= 4`) ?? [];
  const compare = COMPARE[operator];
  if (compare === undefined) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: `The rule of a like is '${rule}'`,
      expected: 'a column, one of >= <= > < =, and a value',
      fix: "Write for example --like 'rating >= 4'.",
    });
  }
  const column = namedColumn(named, names);
  if (column === undefined) {
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `${source} has the columns ${names.map((name) => `'${name}'`).join(', ')}`,
      expected: rule === undefined ? "a column 'label' of likes (1 or 0), or 'rating'" : `'${named}' among them`,
      fix: "Say what a like is (--like 'COLUMN >= NUMBER').",
    });
  }
  const bound = Number(value);
  return {
    column,
    read: (text, place) => {
      if (text.trim() === '') return undefined;
      if (value !== '' && Number.isNaN(bound)) {
        if (operator === '=' || operator === '==') return text.trim() === value;
        throw unreadable(place, column, value, 'a number in the rule');
      }
      const number = Number(text.replace(/^(\s*[-+]?\d+),(\d{1,2}\s*)$/, '$1.$2'));
      if (Number.isNaN(number)) throw unreadable(place, column, text, 'a number');
      return compare(number, bound);
    },
  };
}

/**
 * Which events of a service are likes: by the fit's rule, where that is about a rating, else by `rating >= 4`; one without a
 * rating is something that was chosen, and a like.
 */
export function likesOf(rule: string | undefined): (rating: number | null) => boolean {
  const aboutRating = rule !== undefined && RULE.exec(rule)?.[1]?.toLowerCase() === 'rating';
  const { read } = likeRule(aboutRating ? rule : DEFAULT, ['rating'], 'the events');
  return (rating) => rating === null || read(String(rating), 'an event') === true;
}

function unreadable(place: string, column: string, text: string, expected: string): SoftpromptError {
  return new SoftpromptError('DATA_LABEL_UNKNOWN', {
    found: `${place} has ${JSON.stringify(text)} in '${column}'`,
    expected,
    fix: "Correct it, or say what a like is (--like 'rating >= 4').",
  });
}
