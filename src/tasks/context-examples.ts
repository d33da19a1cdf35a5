import type { Example } from '../data/example.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { formatTemplate, type TemplatePart } from '../prompt/template.js';
import { Random } from '../random.js';

/** Characters of a field that an example in the context has. */
const LONGEST = 120;

/**
 * The template with an example of each label in front, written as the template has it and as what learned tokens start from:
 * `[soft:"a dull mess It was terrible\na charming film It was great\n"]{text} It was{label}`.
 */
export function withContextExamples(
  template: string,
  labels: Readonly<Record<string, string>>,
  train: readonly Example[],
  seed: number,
): string {
  const { parts } = parseTemplate(template);
  const shuffled = new Random(seed).shuffle([...train]);
  const written = Object.entries(labels).flatMap(([key, word]) => {
    const example = shuffled.find(
      ({ label, fields }) => label === key && Object.values(fields).some((text) => text.trim()),
    );
    if (example === undefined) return [];
    return [`${writtenExample(parts, example, word, LONGEST)}\n`];
  });
  const words = written.join('');
  return words === '' ? template : formatTemplate([{ kind: 'learned-words', words, at: 0 }, ...parts]);
}

/** An example with its label as a template has them, in one line. @param longest characters of a field */
export function writtenExample(
  parts: readonly TemplatePart[],
  { fields }: Pick<Example, 'fields'>,
  label: string,
  longest: number,
): string {
  const texts = parts.map((part) => {
    if (part.kind === 'slot') return [...(fields[part.field] ?? '')].slice(0, longest).join('').trim();
    if (part.kind === 'label') return label;
    return part.kind === 'words' ? part.text : '';
  });
  return texts.join('').replaceAll(/\s+/g, ' ').trim();
}
