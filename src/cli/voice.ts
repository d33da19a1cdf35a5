import colors from 'picocolors';

/** How much a command tells: results alone, what one should know, or every validation and raw scores too. */
export type Loudness = 'quiet' | 'normal' | 'verbose';

let chosen: Loudness = 'normal';

/** Set once, where the command line was read. */
export function chooseLoudness({ quiet, verbose }: { readonly quiet?: unknown; readonly verbose?: unknown }): void {
  chosen = quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'normal';
}

export const loudness = (): Loudness => chosen;

/** What stands at the head of a line, before what it is about. */
const HEAD = /^(\p{L}[\p{L} ]{0,11}?)(?= {2,}\S)/u;

/** The colours of a line on a terminal that has some: the words at its head, and what is kept. NO_COLOR means none. */
export function colored(text: string): string {
  if (!colors.isColorSupported || !process.stdout.isTTY) return text;
  return text
    .split('\n')
    .map((line) =>
      line.replace(HEAD, (head) => colors.dim(head)).replace(/ {3}(best|最佳)$/, (best) => colors.green(best)),
    )
    .join('\n');
}

const VERDICT_COLORS = { better: colors.green, 'no-difference': colors.yellow, worse: colors.red } as const;

/** A verdict, in the colour of its kind. */
export const coloredVerdict = (kind: keyof typeof VERDICT_COLORS, text: string): string =>
  colors.isColorSupported && process.stdout.isTTY ? VERDICT_COLORS[kind](text) : text;

/** The code of an error. */
export const coloredError = (code: string): string =>
  colors.isColorSupported && process.stderr.isTTY ? colors.red(code) : code;
