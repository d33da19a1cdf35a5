/** H query heads, KV key-value heads of which each serves G = H/KV query heads (Ainslie et al. 2023), s a head's size. */
export interface AttentionShape {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/**
 * Which rows see which. `tree`: an example's row sees its line of predecessors; `line`: the same where each example's rows
 * are one line, so that one mask does for all; `all`: each row sees all of its example.
 */
export type Visibility = 'tree' | 'line' | 'all';

/**
 * Which axis of attention's blocks comes first. `heads`: all examples' queries meet the leading keys of a head in one
 * product. `examples`: the order of a batch, where nothing leads.
 */
export type BlockOrder = 'heads' | 'examples';

/** The name of a mask's input; one for each window. */
export function maskName(mask: string, window: number | undefined): string {
  return window === undefined ? mask : `${mask} ${window}`;
}
