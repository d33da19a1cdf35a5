import { innerComponents, type TokenizerComponent, type TokenizerJson } from './tokenizer-json.js';

/** How GPT-2 splits text into words (Radford et al. 2019); Hugging Face's `ByteLevel` has it built in. */
const GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * The same tokenizer, written so that the JavaScript library splits text exactly as Hugging Face's Rust library does:
 * - `ByteLevel`'s built-in expression reads `\s` as JavaScript does (with U+FEFF, without U+0085); as a `Split` the
 *   library translates it from Oniguruma. (With `add_prefix_space` the order of the two steps matters, so it stays.)
 * - `Digits` knows only 0–9; Hugging Face means every numeric character.
 * - `Metaspace` overlooks the older setting `add_prefix_space: false`, and in decoding always takes a space away.
 */
export function alignWithHuggingFace(json: TokenizerJson): TokenizerJson {
  return {
    ...json,
    pre_tokenizer: rewrite(json.pre_tokenizer, (part) => {
      switch (part.type) {
        case 'ByteLevel':
          if (part.use_regex === false || part.add_prefix_space === true) return part;
          return sequence(splitAt(GPT2_WORDS), { ...part, use_regex: false });
        case 'Digits':
          return splitAt(part.individual_digits === true ? '\\p{N}' : '\\p{N}+');
        case 'Metaspace':
          return prepends(part) ? part : { ...part, prepend_scheme: 'never' };
        default:
          return part;
      }
    }),
    decoder: rewrite(json.decoder, (part) =>
      part.type === 'Metaspace' && !prepends(part) ? marksToSpaces(part) : part,
    ),
  };
}

/** Whether the tokenizer puts a space in front of a text, as SentencePiece does. */
export function marksTextStart(json: TokenizerJson): boolean {
  return (
    innerComponents(json.normalizer).some((part) => part.type === 'Prepend') ||
    innerComponents(json.pre_tokenizer).some(
      (part) =>
        (part.type === 'Metaspace' && prepends(part)) || (part.type === 'ByteLevel' && part.add_prefix_space === true),
    )
  );
}

/** The tokenizer for text that continues other text: no space is put in front, and none is taken away in decoding. */
export function withoutTextStart(json: TokenizerJson): TokenizerJson {
  return {
    ...json,
    normalizer: rewrite(json.normalizer, (part) => (part.type === 'Prepend' ? null : part)),
    pre_tokenizer: rewrite(json.pre_tokenizer, (part) => {
      if (part.type === 'Metaspace') return { ...part, prepend_scheme: 'never' };
      return part.type === 'ByteLevel' ? { ...part, add_prefix_space: false } : part;
    }),
    decoder: rewrite(json.decoder, (part) => {
      if (part.type === 'Strip') return null;
      return part.type === 'Metaspace' ? marksToSpaces(part) : part;
    }),
  };
}

function prepends(metaspace: TokenizerComponent): boolean {
  return metaspace.prepend_scheme !== 'never' && metaspace.add_prefix_space !== false;
}

function marksToSpaces(metaspace: TokenizerComponent): TokenizerComponent {
  return { type: 'Replace', pattern: { String: metaspace.replacement ?? '▁' }, content: ' ' };
}

/** Rewrites a component, or the parts of a `Sequence`; null leaves one out. */
function rewrite(
  component: TokenizerComponent | null,
  change: (part: TokenizerComponent) => TokenizerComponent | null,
): TokenizerComponent | null {
  if (component === null) return null;
  if (component.type !== 'Sequence') return change(component);
  const parts = Object.entries(component).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((part) => rewrite(part, change)).filter((part) => part !== null) : value,
  ]);
  return Object.fromEntries(parts);
}

/** `Split` that keeps the matches and what lies between them as pieces of their own. */
export function splitAt(expression: string): TokenizerComponent {
  return { type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false };
}

export function sequence(...pretokenizers: TokenizerComponent[]): TokenizerComponent {
  return { type: 'Sequence', pretokenizers };
}
