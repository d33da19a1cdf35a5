import { parseTemplate } from './parse-template.js';
import { formatTemplate, type Template } from './template.js';
import { templateMistake } from './template-mistake.js';

/**
 * Takes the learned tokens off the front of a template, for methods that put them before everything: what is left are the
 * rows of the sequences. Errors: TEMPLATE_INVALID where learned tokens stand elsewhere.
 */
export function splitFront(template: Template): { readonly front: Template['parts']; readonly rest: Template } {
  const isLearned = ({ kind }: Template['parts'][number]) => kind === 'learned' || kind === 'learned-words';
  const first = template.parts.findIndex((part) => !isLearned(part));
  const [front, rest] = [template.parts.slice(0, first), template.parts.slice(first)];
  const wrong = rest.find(isLearned);
  if (wrong !== undefined) {
    throw templateMistake(template.source, wrong.at, {
      found: 'Learned tokens behind other parts of the template',
      expected: 'learned tokens in front alone: a prefix comes before the whole text',
      fix: 'Move them to the front, or learn a soft prompt (--method soft).',
    });
  }
  return { front, rest: parseTemplate(formatTemplate(rest)) };
}
