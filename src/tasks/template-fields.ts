import type { Template } from '../prompt/template.js';

/** The fields that a template's slots read, each once. */
export function templateFields(template: Template): string[] {
  return [...new Set(template.parts.flatMap((part) => (part.kind === 'slot' ? [part.field] : [])))];
}
