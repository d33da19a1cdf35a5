import { asLearnedToken } from '../../prompt/sequence.js';
import type { Feed } from '../../runtime/program.js';
import { maskName } from '../attention-shape.js';
import { attentionWindows, type ModelConfig } from '../checkpoint/config.js';
import { embeddedRowFeeds } from '../embedded-rows.js';
import { familyOf } from '../families/registry.js';
import { relativeStepFeeds } from '../relative-positions.js';
import { relativeOptions } from '../source.js';

/** Added to the score of a pair of which one must not see the other. */
const HIDDEN = -1e9;

export interface DecodingRows {
  /** B·R ids, stream by stream; learned token k stands as `learnedToken(k)`. */
  readonly ids: readonly number[] | Int32Array;
  /** B: how many rows each stream has already. */
  readonly lengths: readonly number[];
  /** P: room for rows before, of which each stream fills its length. */
  readonly past: number;
  readonly learnedTokens: number;
}

/** The inputs of a program of decoding, all but learned arrays and the past. Sizes: B streams, R rows each. */
export function decodingFeeds(
  { ids, lengths, past, learnedTokens }: DecodingRows,
  config: ModelConfig,
): { readonly feeds: Record<string, Feed>; readonly sizes: Record<string, number> } {
  const B = lengths.length;
  const R = ids.length / B;
  const group = config.heads / config.keyValueHeads;
  const positions = new BigInt64Array(B * R);
  for (let b = 0; b < B; b++) for (let r = 0; r < R; r++) positions[b * R + r] = BigInt(lengths[b]! + r);
  const feeds: Record<string, Feed> = { positions };
  const sizes = { B, R, P: past };
  if (learnedTokens > 0) {
    const rows = {
      ids: Int32Array.from(ids, (id) => Math.max(id, 0)),
      learned: Int32Array.from(ids, (id) => asLearnedToken(id) ?? -1),
    };
    Object.assign(feeds, embeddedRowFeeds(rows, learnedTokens));
  } else {
    feeds.ids = BigInt64Array.from(ids, BigInt);
  }
  if (familyOf(config).encoder !== undefined) {
    Object.assign(feeds, relativeStepFeeds(lengths, R, past, { ...relativeOptions(config), bothSides: false }));
  }
  for (const window of attentionWindows(config)) {
    feeds[maskName('maskPast', window)] = pastMask(lengths, past, R, group, window);
    feeds[maskName('maskOwn', window)] = ownMask(R, group, window);
  }
  return { feeds, sizes };
}

/** [B, 1, 1, P], or [B, 1, R·G, P] where a window hides what is too far back. */
function pastMask(
  lengths: readonly number[],
  past: number,
  rows: number,
  group: number,
  window: number | undefined,
): Float32Array {
  if (window === undefined) {
    const mask = new Float32Array(lengths.length * past).fill(HIDDEN);
    lengths.forEach((length, b) => {
      mask.fill(0, b * past, b * past + length);
    });
    return mask;
  }
  const mask = new Float32Array(lengths.length * rows * group * past).fill(HIDDEN);
  lengths.forEach((length, b) => {
    for (let r = 0; r < rows; r++) {
      const first = Math.min(length, Math.max(0, length + r - window + 1));
      for (let g = 0; g < group; g++) {
        const start = ((b * rows + r) * group + g) * past;
        mask.fill(0, start + first, start + length);
      }
    }
  });
  return mask;
}

/** [R·G, R]: a row sees itself and those before it, within the window. */
function ownMask(rows: number, group: number, window = Number.POSITIVE_INFINITY): Float32Array {
  const mask = new Float32Array(rows * group * rows).fill(HIDDEN);
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < group; g++) {
      const start = (r * group + g) * rows;
      mask.fill(0, start + Math.max(0, r - window + 1), start + r + 1);
    }
  }
  return mask;
}
