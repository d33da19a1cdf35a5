import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** The tokens that write something, sorted by their bytes, so that common beginnings are walked once. */
export interface WrittenTokens {
  readonly ids: Int32Array;
  readonly bytes: readonly Uint8Array[];
  /** How many leading bytes each has in common with the one before it. */
  readonly shared: Int32Array;
  bytesOf(id: number): Uint8Array | undefined;
  /** How many tokens it takes at most to write the cheapest character of a range; Infinity where there are none for it. */
  cost(from: number, to: number): number;
}

export function writtenTokens(tokenizer: Pick<Tokenizer, 'size' | 'special' | 'bytes'>): WrittenTokens {
  const all: { readonly id: number; readonly bytes: Uint8Array }[] = [];
  for (let id = 0; id < tokenizer.size; id++) {
    const bytes = tokenizer.special.has(id) ? undefined : tokenizer.bytes(id);
    if (bytes !== undefined && bytes.length > 0) all.push({ id, bytes });
  }
  all.sort((a, b) => Buffer.compare(a.bytes, b.bytes) || a.id - b.id);
  const bytes = all.map((token) => token.bytes);
  const byId = new Map(all.map((token) => [token.id, token.bytes]));
  const single = new Set(bytes.filter(({ length }) => length === 1).map(([byte]) => byte!));
  // every character can be written byte by byte
  const anything = single.size === 256;
  const points = characterTokens(bytes);
  return {
    ids: Int32Array.from(all, ({ id }) => id),
    bytes,
    shared: Int32Array.from(bytes, (own, place) => (place === 0 ? 0 : commonLength(bytes[place - 1]!, own))),
    bytesOf: (id) => byId.get(id),
    cost: (from, to) => {
      const place = firstFrom(points, from);
      if (place < points.length && points[place]! <= to) return 1;
      return anything ? utf8Length(from) : Number.POSITIVE_INFINITY;
    },
  };
}

/** Code points that have a token of their own, sorted. */
function characterTokens(tokens: readonly Uint8Array[]): number[] {
  const points = new Set<number>();
  for (const bytes of tokens) {
    if (bytes.length > 4 || utf8LengthBy(bytes[0]!) !== bytes.length) continue;
    const text = Buffer.from(bytes).toString();
    if (text !== '\ufffd') points.add(text.codePointAt(0)!);
  }
  return [...points].sort((a, b) => a - b);
}

function firstFrom(sorted: readonly number[], least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

export const utf8Length = (point: number) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

/** Bytes of a character by its first one; 0 where none begins so. */
export function utf8LengthBy(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
