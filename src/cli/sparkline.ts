const BARS = '▁▂▃▄▅▆▇█';

/** A curve in a line of text, of at most `width` characters; a longer one's points are means of neighbours. */
export function sparkline(values: readonly number[], width = 40): string {
  const step = Math.max(1, values.length / width);
  const points = Array.from({ length: Math.min(values.length, width) }, (_, i) => {
    const part = values.slice(Math.floor(i * step), Math.max(Math.floor(i * step) + 1, Math.floor((i + 1) * step)));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const low = Math.min(...points);
  const range = Math.max(...points) - low;
  return points
    .map((value) => BARS[range === 0 ? 0 : Math.round(((BARS.length - 1) * (value - low)) / range)])
    .join('');
}
