// Draws what a command printed as a picture: npm start --silent | node scripts/draw-output.mjs > docs/first-run.svg
// Numbered headings stand out; Chinese runs are given their width, which differs from twice a Latin letter's in many fonts.
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';

const [command = 'npm start'] = process.argv.slice(2);
const printed = stripVTControlCharacters(await text(process.stdin)).trimEnd();
const FONT = 12;
const LATIN = 7.22;
const WIDE = 14.44;
const LINE = 17;
const isWide = (character) => /[\u2e80-\u9fff\uff00-\uffef]/.test(character);
const widthOf = (run) => [...run].length * (isWide(run) ? WIDE : LATIN);
const escaped = (run) => run.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const lines = [`$ ${command}`, ...printed.split('\n')];
const widths = lines.map((line) => [...line].reduce((sum, character) => sum + widthOf(character), 0));
const width = Math.ceil(Math.max(...widths)) + 32;
const height = 46 + LINE * lines.length;
const drawn = lines.map((line, row) => {
  const fill = row === 0 ? '#7ee787' : /^(\d {2}|softprompt )/.test(line) ? '#79c0ff' : '#e6edf3';
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
});
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The output of ${command}">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="18" cy="16" r="5" fill="#ff5f56"/><circle cx="36" cy="16" r="5" fill="#ffbd2e"/><circle cx="54" cy="16" r="5" fill="#27c93f"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace" font-size="${FONT}">
${drawn.join('\n')}
</g>
</svg>`);
