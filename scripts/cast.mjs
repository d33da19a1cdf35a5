// Records what a newcomer types, after the tour, as an animated picture; the commands run while it is made:
//   node scripts/cast.mjs softprompt-start > docs/cast.svg
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawTerminal, printedLines } from './draw-output.mjs';

const tour = resolve(process.argv[2] ?? 'softprompt-start');
const cli = resolve(import.meta.dirname, '../dist/src/cli/main.js');
// paths as a newcomer sees them
const place = mkdtempSync(join(tmpdir(), 'softprompt-cast-'));
symlinkSync(join(tour, 'books'), join(place, 'shop'));
symlinkSync(join(tour, 'sentiment-zh'), join(place, 'sentiment'));

const COMMANDS = [
  ['recommend', 'for', 'shop', '--history', 'dracula,frankenstein', '--k', '4', '--explain'],
  ['recommend', 'audience', 'shop', 'dracula', '--k', '3'],
  ['predict', 'sentiment', '味道很好，下次还来'],
  ['report', 'shop'],
];
const WIDTH = 92;

const shown = (word) => (/^[\w./:,=-]+$/.test(word) ? word : `"${word}"`);
const cut = (line) => ([...line].length > WIDTH ? `${[...line].slice(0, WIDTH - 1).join('')}…` : line);
const lines = [
  '$ head -3 orders.csv && head -3 items.csv',
  ...head(join(tour, 'books/data/interactions.csv')),
  ...head(join(tour, 'books/data/books.csv')),
  '$ npx softprompt recommend fit --interactions orders.csv --items items.csv --model embedded --out shop',
  ...verdict(join(tour, 'books/result.json')),
];
for (const words of COMMANDS) {
  const printed = execFileSync(process.execPath, [cli, ...words], { cwd: place, encoding: 'utf8' });
  lines.push(`$ npx softprompt ${words.map(shown).join(' ')}`, ...printedLines(printed).map(cut));
}
console.log(drawTerminal(lines, { label: 'CSV in, recommendations with reasons out', animated: true }));

function head(file) {
  return readFileSync(file, 'utf8').split('\n', 3).map(cut);
}

/** What the fit said first, in lines. */
function verdict(file) {
  const { text } = JSON.parse(readFileSync(file, 'utf8')).verdict;
  const out = [''];
  for (const word of text.split(' ')) {
    if (`${out.at(-1)} ${word}`.length > WIDTH) out.push(word);
    else out[out.length - 1] = `${out.at(-1)} ${word}`.trim();
  }
  return out;
}
