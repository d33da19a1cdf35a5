/** One part of a template; `at` is where it starts in the source, in UTF-16 units. */
export type TemplatePart =
  | { readonly kind: 'words'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'slot';
      readonly field: string;
      /** Longest the slot may be, in tokens. */
      readonly max: number | undefined;
      /** Which end of the text stays when it is cut. */
      readonly keep: 'start' | 'end';
      readonly at: number;
    }
  | { readonly kind: 'learned'; readonly count: number; readonly at: number }
  | { readonly kind: 'learned-words'; readonly words: string; readonly at: number }
  | {
      /** Rows that a learned map makes of what is known of an example's user or item. */
      readonly kind: 'made';
      readonly of: 'user' | 'item';
      readonly source: MadeSource;
      readonly rows: number;
      readonly at: number;
    }
  | {
      readonly kind: 'label';
      readonly at: number;
      /** `{target}`: the answer is a text of the data, not one of the labels. */
      readonly target?: { readonly max: number | undefined };
    };

/** What rows can be made of: which items were chosen, vectors of a recommender or of texts, attributes, or statistics of ratings. */
export const MADE_SOURCES = ['items', 'vector', 'text', 'attributes', 'stats'] as const;
export type MadeSource = (typeof MADE_SOURCES)[number];

/** A parsed template: exactly one label; no two parts of words are neighbours. */
export interface Template {
  readonly source: string;
  readonly parts: readonly TemplatePart[];
}

/** The source of a template, written the shortest way; parsing it gives the same parts. */
export function formatTemplate(parts: readonly TemplatePart[]): string {
  return parts.map(formatPart).join('');
}

function formatPart(part: TemplatePart): string {
  switch (part.kind) {
    case 'words':
      return escapeControls(part.text.replace(/[\\{}]|\[(?=\s*(?:soft(?!\p{L})|(?:user|item)\s*:))/giu, '\\$&'));
    case 'slot': {
      const options = [
        ...(part.max === undefined ? [] : [`max=${part.max}`]),
        ...(part.keep === 'start' ? [] : [`keep=${part.keep}`]),
      ];
      return options.length === 0 ? `{${part.field}}` : `{${part.field}|${options.join(',')}}`;
    }
    case 'learned':
      return `[soft:${part.count}]`;
    case 'learned-words':
      return `[soft:"${escapeControls(part.words.replace(/[\\"]/g, '\\$&'))}"]`;
    case 'made':
      return `[${part.of}:${part.source}${part.rows === 1 ? '' : `,rows=${part.rows}`}]`;
    case 'label':
      if (part.target === undefined) return '{label}';
      return part.target.max === undefined ? '{target}' : `{target|max=${part.target.max}}`;
  }
}

function escapeControls(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
