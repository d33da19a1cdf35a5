/** A character n-gram model: what every language model has to beat. */
export interface CharacterModel {
  /** −log P of a document's characters (code points) in nats, each given the two before it, the first ones given the start. */
  nats(document: string): number;
  /** How much weight the shorter context keeps, by order; tuned on held-out documents. */
  readonly strengths: readonly number[];
}

/** Unicode's scalar values: what P spreads over where nothing is known. */
const ALL_CHARACTERS = 0x110000 - 2048;
const ORDER = 3;
/** Every so many-th document tunes the strengths instead of being counted, up to so many characters. */
const HELD_OUT = 20;
const HELD_OUT_CHARACTERS = 200_000;
const STRENGTHS = [0.25, 0.5, 1, 2, 4, 8, 16];

/**
 * Trains a character trigram model with Witten–Bell interpolation (Chen & Goodman 1998, section 2.6), its mass for the
 * shorter context scaled by a strength s for each order:
 * P(c | h) = (count(hc) + s · kinds(h) · P(c | h′)) / (count(h) + s · kinds(h)), where kinds(h) is the number of different
 * characters that follow h, and h′ is h without its first one.
 * @param documents at least two
 */
export function trainCharacterTrigrams(documents: readonly string[]): CharacterModel {
  const codes = new Map<string, number>();
  for (const document of documents) {
    for (const character of document) if (!codes.has(character)) codes.set(character, codes.size + 2);
  }
  /** 0 is an unknown character, 1 the start; n of them are a number to this base, exact below 2^53. */
  const base = codes.size + 2;
  const encode = (document: string) => Float64Array.from([...document], (character) => codes.get(character) ?? 0);
  const tunes = (index: number) => index % HELD_OUT === HELD_OUT - 1 || index === documents.length - 1;
  const counted = documents.filter((_, i) => !tunes(i)).map(encode);
  const tables = Array.from({ length: ORDER }, (_, shorter) => countGrams(counted, shorter + 1, base));

  /** What the tables know of each character of a text: count(hc), count(h), kinds(h), from the shortest context on. */
  const lookUp = (document: string): Float64Array => {
    const ids = encode(document);
    const facts = new Float64Array(3 * ORDER * ids.length);
    let [before, last] = [1, 1];
    ids.forEach((id, t) => {
      [0, last, before * base + last].forEach((context, i) => {
        const { total, kinds } = tables[i]!.after(context);
        facts.set([tables[i]!.count(context * base + id), total, kinds], 3 * (ORDER * t + i));
      });
      [before, last] = [last, id];
    });
    return facts;
  };
  const heldOut: Float64Array[] = [];
  let left = HELD_OUT_CHARACTERS;
  for (const document of documents.filter((_, i) => tunes(i))) {
    if (left <= 0) break;
    heldOut.push(lookUp(document.slice(0, left)));
    left -= document.length;
  }
  const strengths = Array.from({ length: ORDER }, () => 1);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < ORDER; i++) {
      const losses = STRENGTHS.map((strength) =>
        heldOut.reduce((sum, facts) => sum + natsOf(facts, strengths.with(i, strength)), 0),
      );
      strengths[i] = STRENGTHS[losses.indexOf(Math.min(...losses))]!;
    }
  }
  return { nats: (document) => natsOf(lookUp(document), strengths), strengths };
}

function natsOf(facts: Float64Array, strengths: readonly number[]): number {
  let nats = 0;
  for (let t = 0; t < facts.length; t += 3 * ORDER) {
    let p = 1 / ALL_CHARACTERS;
    for (let i = 0; i < ORDER; i++) {
      const [count, total, kinds] = [facts[t + 3 * i]!, facts[t + 3 * i + 1]!, facts[t + 3 * i + 2]!];
      const kept = strengths[i]! * kinds;
      if (total > 0) p = (count + kept * p) / (total + kept);
    }
    nats -= Math.log(p);
  }
  return nats;
}

/** How often each n-gram occurs: its keys sorted, with the counts of all before it. */
function countGrams(documents: readonly Float64Array[], n: number, base: number) {
  const all = new Float64Array(documents.reduce((sum, { length }) => sum + length, 0));
  const modulus = base ** (n - 1);
  let filled = 0;
  for (const ids of documents) {
    let key = base + 1; // two starts
    for (const id of ids) {
      key = (key % modulus) * base + id;
      all[filled++] = key;
    }
  }
  all.sort();
  const firsts = new Uint32Array(all.length + 1);
  let kinds = 0;
  for (let i = 0; i < all.length; i++) {
    if (i > 0 && all[i] === all[i - 1]) continue;
    all[kinds] = all[i]!;
    firsts[kinds++] = i;
  }
  firsts[kinds] = all.length;
  const keys = all.subarray(0, kinds);
  /** The first place whose key is not below `key`. */
  const place = (key: number): number => {
    let [low, high] = [0, kinds];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    count: (key: number): number => {
      const found = place(key);
      return keys[found] === key ? firsts[found + 1]! - firsts[found]! : 0;
    },
    /** Occurrences of a context, and how many different characters follow it. */
    after: (context: number) => {
      const [from, to] = [place(context * base), place((context + 1) * base)];
      return { total: firsts[to]! - firsts[from]!, kinds: to - from };
    },
  };
}
