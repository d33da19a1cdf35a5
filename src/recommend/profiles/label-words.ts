import type { AttributeGroups } from '../../data/interactions/attribute-groups.js';

/** Shorthand that a language model does not read as what it means. */
const MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gender: { f: 'female', m: 'male' },
  sex: { f: 'female', m: 'male' },
};

/** Group → the word that the model reads, with its leading space. */
export function labelWords({ attribute, names }: AttributeGroups): Record<string, string> {
  const meanings = MEANINGS[attribute.toLowerCase()] ?? {};
  const known = names.every((name) => Object.hasOwn(meanings, name.toLowerCase()));
  const word = (name: string) => (known ? meanings[name.toLowerCase()]! : name.replaceAll(/[_\s]+/g, ' ').trim());
  return Object.fromEntries(names.map((name) => [name, ` ${word(name)}`]));
}

/**
 * The template where none is given: rows made of what somebody chose. A method whose learned numbers an encoder makes, or that is
 * solved at once, has no such rows, and is told titles.
 */
export function profileTemplate(
  attribute: string,
  words: readonly string[],
  { method = 'soft', projection }: { readonly method?: string | undefined; readonly projection?: boolean | undefined },
): string {
  if ((method !== 'soft' && method !== 'prefix') || projection) return titlesTemplate(attribute, words);
  const asked = plain(attribute).replaceAll(/[\\"]/g, '\\$&');
  return `[soft:"What someone chose tells the ${asked}:"][user:items,rows=2]{label}${ended(words)}`;
}

/** A template that asks for an attribute after the titles of a history. */
export function titlesTemplate(attribute: string, words: readonly string[]): string {
  const asked = plain(attribute).replaceAll(/[\\{}[\]]/g, '\\$&');
  return `[soft:20]One person chose: {history|keep=end}. Their ${asked}:{label}${ended(words)}`;
}

const plain = (attribute: string) => attribute.replaceAll(/[_\s]+/g, ' ').trim();

/** Where one word begins another, a full stop after the label tells them apart. */
const ended = (words: readonly string[]) =>
  words.some((word) => words.some((other) => other !== word && other.startsWith(word))) ? '.' : '';
