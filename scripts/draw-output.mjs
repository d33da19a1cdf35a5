// Draws what commands printed as a picture:
//   npm start --silent | node scripts/draw-output.mjs 'npm start' > docs/first-run.svg
//   node scripts/cast.mjs docs/cast.svg                                     the same of several commands, animated
// Numbered headings stand out; Chinese runs are given their width, which differs from twice a Latin letter's in many fonts.
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const FONT = 12;
const LATIN = 7.22;
const WIDE = 14.44;
const LINE = 17;
/** Seconds: a typed letter, a line of output, before what a command prints, and after it. */
const PACE = { letter: 0.025, line: 0.06, before: 0.5, after: 1.6 };
const isWide = (character) => /[\u2e80-\u9fff\uff00-\uffef]/.test(character);
const widthOf = (run) => [...run].length * (isWide(run) ? WIDE : LATIN);
const escaped = (run) => run.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A terminal with these lines; those that begin with `$ ` were typed. Animated, they come one after the other. */
export function drawTerminal(lines, { label, animated = false }) {
  const widths = lines.map((line) => [...line].reduce((sum, character) => sum + widthOf(character), 0));
  const width = Math.ceil(Math.max(...widths)) + 32;
  const height = 46 + LINE * lines.length;
  let at = 0.3;
  const drawn = lines.map((line, row) => {
    const typed = line.startsWith('$ ');
    if (typed && row > 0) at += PACE.after;
    const letters = [...line].length;
    const timing = typed
      ? `animation:type ${(letters * PACE.letter).toFixed(2)}s steps(${letters}) ${at.toFixed(2)}s both`
      : `animation:show .01s linear ${at.toFixed(2)}s both`;
    at += typed ? letters * PACE.letter + PACE.before : PACE.line;
    return `<g${animated ? ` style="${timing}"` : ''}>${drawLine(line, row)}</g>`;
  });
  const motion = animated
    ? '<style>@media(prefers-reduced-motion:no-preference){@keyframes show{from{opacity:0}}@keyframes type{from{clip-path:inset(0 100% 0 0)}to{clip-path:inset(0 0 0 0)}}}</style>\n'
    : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
${motion}<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="18" cy="16" r="5" fill="#ff5f56"/><circle cx="36" cy="16" r="5" fill="#ffbd2e"/><circle cx="54" cy="16" r="5" fill="#27c93f"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace" font-size="${FONT}">
${drawn.join('\n')}
</g>
</svg>`;
}

function drawLine(line, row) {
  const fill = line.startsWith('$ ') ? '#7ee787' : /^(\d {2}|softprompt )/.test(line) ? '#79c0ff' : '#e6edf3';
  let x = 16;
  return (line.match(/[\u2e80-\u9fff\uff00-\uffef]+|[^\u2e80-\u9fff\uff00-\uffef]+/g) ?? [])
    .map((run) => {
      const length = widthOf(run);
      const shown =
        run.trim() === ''
          ? ''
          : `<text x="${x.toFixed(1)}" y="${46 + LINE * row}" fill="${fill}" textLength="${length.toFixed(1)}" xml:space="preserve">${escaped(run)}</text>`;
      x += length;
      return shown;
    })
    .join('');
}

/** The lines of what was printed, without colours and cursor movements. */
export const printedLines = (printed) => stripVTControlCharacters(printed).trimEnd().split('\n');

/** Letters a line, as in a terminal that is open wide. */
const COLUMNS = 112;

/** Long lines go on below, as far from the edge as they began. */
function foldLine(line) {
  if (line.length <= COLUMNS) return [line];
  const indent = /^ */.exec(line)[0];
  const end = line.lastIndexOf(' ', COLUMNS);
  if (end <= indent.length) return [line];
  return [line.slice(0, end), ...foldLine(indent + line.slice(end + 1))];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [command = 'npm start'] = process.argv.slice(2);
  const lines = [`$ ${command}`, ...printedLines(await text(process.stdin)).flatMap(foldLine)];
  console.log(drawTerminal(lines, { label: `The output of ${command}` }));
}
