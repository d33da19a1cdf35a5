import { innerComponents, type TokenizerComponent, type TokenizerJson } from './tokenizer-json.js';

/** How GPT-2 splits text into words (Radford et al. 2019); Hugging Face's `ByteLevel` has it built in. */
const GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** What `add_prefix_space` means. */
const SPACE_IN_FRONT: TokenizerComponent = { type: 'Replace', pattern: { Regex: '\\A([^ ])' }, content: ' $1' };

/**
 * The same tokenizer, written so that the JavaScript library splits text exactly as Hugging Face's Rust library does:
 * - `ByteLevel`'s built-in expression reads `\s` as JavaScript does (with U+FEFF, without U+0085); as a `Split` the
 *   library translates it from Oniguruma. So do `Whitespace` and `WhitespaceSplit`, and `Strip` trims as JavaScript does.
 * - `Digits` knows only 0–9; Hugging Face means every numeric character.
 * - `Metaspace` overlooks `split` and the older setting `add_prefix_space: false`, and in decoding always takes a space away.
 * - `Split` overlooks `invert` for all but what it removes; isolated pieces are the same either way.
 * - `Replace` reads `$` in what it writes as a reference.
 */
export function alignWithHuggingFace(json: TokenizerJson): TokenizerJson {
  return {
    ...json,
    normalizer: rewrite(json.normalizer, (part) => {
      switch (part.type) {
        case 'Strip':
          return {
            type: 'Sequence',
            normalizers: [
              ...(part.strip_left === true ? [removal('\\A\\s+')] : []),
              ...(part.strip_right === true ? [removal('\\s+\\z')] : []),
            ],
          };
        case 'Replace':
          return { ...part, content: String(part.content ?? '').replaceAll('$', '$$$$') };
        default:
          return part;
      }
    }),
    pre_tokenizer: rewrite(json.pre_tokenizer, (part) => {
      switch (part.type) {
        case 'ByteLevel':
          return sequence(
            ...(part.add_prefix_space === true ? [SPACE_IN_FRONT] : []),
            ...(part.use_regex === false ? [] : [splitAt(GPT2_WORDS)]),
            { ...part, add_prefix_space: false, use_regex: false },
          );
        case 'Digits':
          return splitAt(part.individual_digits === true ? '\\p{N}' : '\\p{N}+');
        case 'Metaspace': {
          const aligned = prepends(part) ? part : { ...part, prepend_scheme: 'never' };
          if (part.split === false) return aligned;
          const mark = escapeExpression(String(part.replacement ?? '▁'));
          return sequence(aligned, splitAt(`${mark}?[^${mark}]+|${mark}`));
        }
        case 'Split':
          return part.behavior === 'Isolated' ? { ...part, invert: false } : part;
        case 'Whitespace':
          return keepOnly('\\w+|[^\\w\\s]+');
        case 'WhitespaceSplit':
          return keepOnly('\\S+');
        default:
          return part;
      }
    }),
    decoder: rewrite(json.decoder, (part) =>
      part.type === 'Metaspace' && !prepends(part) ? marksToSpaces(part) : part,
    ),
  };
}

/** Whether the tokenizer puts a space in front: of a text, as SentencePiece does, or of what follows an added token. */
export function marksTextStart(json: TokenizerJson, place: 'text' | 'after a token'): boolean {
  return (
    innerComponents(json.normalizer).some((part) => part.type === 'Prepend') ||
    innerComponents(json.pre_tokenizer).some(
      (part) =>
        (part.type === 'Metaspace' && prepends(part) && (place === 'text' || part.prepend_scheme !== 'first')) ||
        part === SPACE_IN_FRONT,
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
      return part === SPACE_IN_FRONT ? null : part;
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

/** `Split` that keeps the matches alone. */
function keepOnly(expression: string): TokenizerComponent {
  return { type: 'Split', pattern: { Regex: expression }, behavior: 'Removed', invert: true };
}

function removal(expression: string): TokenizerComponent {
  return { type: 'Replace', pattern: { Regex: expression }, content: '' };
}

const escapeExpression = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

export function sequence(...pretokenizers: TokenizerComponent[]): TokenizerComponent {
  return { type: 'Sequence', pretokenizers };
}

/** Chinese characters as BERT's normalizer means them (`is_chinese_char` of Hugging Face's library). */
const CHINESE =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

/** Whether the tokenizer's normalizer puts spaces around Chinese characters, as BERT's does. */
export function spacesChinese({ normalizer }: TokenizerJson): boolean {
  return innerComponents(normalizer).some(
    (part) => part.type === 'BertNormalizer' && part.handle_chinese_chars !== false,
  );
}

/** A text with spaces around each Chinese character; the library itself overlooks those beyond U+FFFF. */
export function spaceChinese(text: string): string {
  return text.replace(CHINESE, ' $& ');
}
