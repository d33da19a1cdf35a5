import { SoftpromptError } from '../errors.js';

/** What can be predicted: the key that stands in the data → the word that the model reads or writes, in order. */
export type LabelSet = ReadonlyMap<string, string>;

/**
 * Labels from an object or its JSON, such as `{"0":" terrible","1":" great"}`. A word is taken as it is written, with
 * its leading space. Keys that are whole numbers come first, in ascending order, as JavaScript objects have them.
 * Errors: LABELS_INVALID.
 */
export function parseLabels(source: string | Readonly<Record<string, unknown>>): LabelSet {
  const value = typeof source === 'string' ? parseJson(source) : source;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw labelsInvalid(`The labels are ${JSON.stringify(value)}`, 'an object from keys to words');
  }
  const labels = new Map<string, string>();
  const keyOfWord = new Map<string, string>();
  for (const [key, word] of Object.entries(value)) {
    if (typeof word !== 'string' || word.trim() === '') {
      throw labelsInvalid(`The label '${key}' has the word ${JSON.stringify(word)}`, 'a word that is not empty');
    }
    const other = keyOfWord.get(word);
    if (other !== undefined) {
      throw labelsInvalid(
        `The labels '${other}' and '${key}' have the same word ${JSON.stringify(word)}`,
        'different words',
      );
    }
    keyOfWord.set(word, key);
    labels.set(key, word);
  }
  if (labels.size < 2)
    throw labelsInvalid(
      labels.size === 1 ? 'There is one label' : 'There are no labels',
      'at least two to choose from',
    );
  return labels;
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw labelsInvalid(`The labels are not JSON: ${(error as Error).message}`, 'an object from keys to words');
  }
}

export function labelsInvalid(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('LABELS_INVALID', {
    found,
    expected,
    fix: 'Write for example {"0":" terrible","1":" great"}.',
  });
}
