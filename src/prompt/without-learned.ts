import { parseTemplate } from './parse-template.js';
import { formatTemplate, type Template, type TemplatePart } from './template.js';

/**
 * The same template as a person would write it, with nothing to learn: `[soft:20]` and `[user:stats]` are left out, `[soft:"words"]`
 * becomes the words. This is the baseline that a learned prompt is measured against.
 */
export function withoutLearned(template: Template): Template {
  const parts = template.parts.flatMap((part): TemplatePart[] => {
    if (part.kind === 'learned' || part.kind === 'made') return [];
    return part.kind === 'learned-words' ? [{ kind: 'words', text: part.words, at: part.at }] : [part];
  });
  return parseTemplate(formatTemplate(parts));
}
