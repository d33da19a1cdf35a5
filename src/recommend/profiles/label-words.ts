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
 * A template that asks for an attribute after a history. Where one word begins another, a full stop after the label tells
 * them apart.
 */
export function profileTemplate(attribute: string, words: readonly string[]): string {
  const asked = attribute
    .replaceAll(/[_\s]+/g, ' ')
    .trim()
    .replaceAll(/[\\{}[\]]/g, '\\$&');
  const nested = words.some((word) => words.some((other) => other !== word && other.startsWith(word)));
  return `[soft:20]One person chose: {history|keep=end}. Their ${asked}:{label}${nested ? '.' : ''}`;
}
