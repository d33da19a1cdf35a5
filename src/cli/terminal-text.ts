import stringWidth from 'string-width';

/** Columns of a terminal; no limit where the words go elsewhere. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number {
  return (stream.isTTY && stream.columns) || Number.POSITIVE_INFINITY;
}

/** Breaks lines that are wider than the terminal between words, and continues them below where their text begins. */
export function wrapText(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text;
  const lines = text.split('\n');
  return lines
    .flatMap((line, i) => {
      const pointedAt = /^\s*\^/.test(line) || /^\s*\^/.test(lines[i + 1] ?? '');
      if (pointedAt || stringWidth(line) <= width) return [line];
      return /^\s*npx softprompt /.test(line) ? continued(line, width) : wrapLine(line, width);
    })
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const indent = hangingIndent(line, width);
  const [head, body] = [line.slice(0, indent.characters), line.slice(indent.characters)];
  const room = width - indent.columns;
  const groups = body.split(/(?<= {2})(?! )/);
  const whole = groups.length > 1 && groups.every((group) => stringWidth(group.trimEnd()) <= room);
  return fill(whole ? groups : words(body), room).map(
    (piece, i) => (i === 0 ? head : ' '.repeat(indent.columns)) + piece,
  );
}

/** Commands go on after a backslash, so that they can still be copied; Windows' shells know no such sign. */
function continued(line: string, width: number): string[] {
  if (process.platform === 'win32') return [line];
  const indent = ' '.repeat(line.length - line.trimStart().length + 2);
  const arguments_ = line.trimStart().match(/(?:--[\w-]+ (?!--))?(?:'[^']*'|"[^"]*"|[^\s'"])+\s*/g)!;
  const pieces = fill(arguments_, width - indent.length - 2);
  return pieces.map(
    (piece, i) => (i === 0 ? indent.slice(2) : indent) + (i < pieces.length - 1 ? `${piece} \\` : piece),
  );
}

/** Where the text of a line begins: after its last gap of two spaces, or the number of a list, within the first third. */
function hangingIndent(line: string, width: number): { characters: number; columns: number } {
  let characters = 0;
  for (const gap of line.matchAll(/^\s*\d+\. +|^\s+|(?<=\S) {2,}(?=\S)/g)) {
    const end = gap.index + gap[0].length;
    if (stringWidth(line.slice(0, end)) <= Math.min(24, width / 3)) characters = end;
  }
  return { characters, columns: stringWidth(line.slice(0, characters)) };
}

/** What may not be broken: words, what stands in backquotes, single Chinese characters with the marks behind them. */
function words(text: string): string[] {
  return text.match(/`[^`]*`\S*\s*|\p{Ideographic}[^\s\p{L}\p{N}`]*\s*|[^\s\p{Ideographic}]+\s*|\s+/gu) ?? [];
}

/** Joins pieces, each with the space behind it, to lines of at most `room` columns. */
function fill(pieces: readonly string[], room: number): string[] {
  const lines: string[] = [''];
  for (const piece of pieces) {
    const last = lines.length - 1;
    if (lines[last] !== '' && stringWidth(lines[last] + piece.trimEnd()) > room) lines.push(piece);
    else lines[last] += piece;
  }
  return lines.map((line) => line.trimEnd());
}
