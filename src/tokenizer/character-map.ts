import { tokenizerInvalid } from './tokenizer-json.js';

/** Longer clusters of characters are looked up a character at a time. */
const LONGEST_CLUSTER = 6;

/**
 * SentencePiece's normalisation by a table (`precompiled_charsmap` of a `Precompiled` normalizer), as Hugging Face's library applies it
 * (crate spm_precompiled): each cluster of characters, or else each character, that begins with a key of the table is replaced whole
 * by what the shortest such key has. The table: the length of a double-array tree in bytes, the tree, and texts that end with 0.
 * Errors: TOKENIZER_INVALID.
 */
export function characterMap(base64: string, source: string): (text: string) => string {
  const bytes = Buffer.from(base64, 'base64');
  const treeBytes = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (treeBytes % 4 !== 0 || 4 + treeBytes > bytes.length || treeBytes === 0) {
    throw tokenizerInvalid(`The normalizer's precompiled_charsmap of ${source} is damaged`, 'a table of SentencePiece');
  }
  const tree = Uint32Array.from({ length: treeBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + treeBytes);

  const replacement = (key: Buffer): string | undefined => {
    let node = 0;
    let unit = tree[0]!;
    node ^= offsetOf(unit);
    for (const byte of key) {
      if (byte === 0) return undefined;
      node ^= byte;
      const next = tree[node];
      if (next === undefined || (next & LABEL) >>> 0 !== byte) return undefined;
      unit = next;
      node ^= offsetOf(unit);
      if (((unit >>> 8) & 1) === 1) {
        const start = (tree[node] ?? 0) & VALUE;
        const end = texts.indexOf(0, start);
        return texts.toString('utf8', start, end === -1 ? texts.length : end);
      }
    }
    return undefined;
  };

  const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const known = new Map<string, string>();
  const normalized = (cluster: string): string => {
    const key = Buffer.from(cluster);
    const whole = key.length < LONGEST_CLUSTER ? replacement(key) : undefined;
    return whole ?? Array.from(cluster, (character) => replacement(Buffer.from(character)) ?? character).join('');
  };
  return (text) => {
    let result = '';
    for (const { segment } of clusters.segment(text)) {
      let made = known.get(segment);
      if (made === undefined) {
        made = normalized(segment);
        if (known.size < KEPT_CLUSTERS) known.set(segment, made);
      }
      result += made;
    }
    return result;
  };
}

const KEPT_CLUSTERS = 20_000;
/** A unit of the tree: its label, or the value of a leaf (darts-clone, `DoubleArrayUnit`). */
const LABEL = 0x800000ff;
const VALUE = 0x7fffffff;
const offsetOf = (unit: number) => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
