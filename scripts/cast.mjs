// Records what a newcomer types as an animated picture; the commands run while it is made, on the made-up shop of the examples:
//   node scripts/cast.mjs docs/cast.svg [docs/report]      build first; the second makes pictures of its report too
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { items, orders } from '../dist/examples/made-up-shop.js';
import { drawTerminal, printedLines } from './draw-output.mjs';

const [picture, pictures] = process.argv.slice(2);
const cli = resolve(import.meta.dirname, '../dist/src/cli/main.js');
const place = mkdtempSync(join(tmpdir(), 'softprompt-cast-'));
const WIDTH = 92;

const table = (rows) => [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map((row) => row.join(','));
writeFileSync(join(place, 'orders.csv'), `${table(orders).join('\n')}\n`);
writeFileSync(join(place, 'items.csv'), `${table(items).join('\n')}\n`);

const shown = (word) => (/^[\w./:,=-]+$/.test(word) ? word : `"${word}"`);
const cut = (line) => ([...line].length > WIDTH ? `${[...line].slice(0, WIDTH - 1).join('')}…` : line);
const run = (words) => {
  const printed = execFileSync(process.execPath, [cli, ...words], { cwd: place, encoding: 'utf8' });
  return [`$ npx softprompt ${words.map(shown).join(' ')}`, ...printedLines(printed)];
};

const fit = ['recommend', 'fit', '--interactions', 'orders.csv', '--items', 'items.csv', '--model', 'embedded'];
const [typed, ...told] = run([...fit, '--out', 'shop', '--report', 'report.html']);
const lines = [
  '$ head -3 orders.csv items.csv',
  ...['==> orders.csv <==', ...table(orders).slice(0, 3), '', '==> items.csv <==', ...table(items).slice(0, 3)],
  `${typed.split(' --model')[0]} \\`,
  `    --model${typed.split(' --model')[1]}`,
  '…',
  ...wrapped(told.find((line) => line.startsWith('Of '))),
  '…',
  ...run(['recommend', 'for', 'shop', '--user', 'person-1', '--k', '3', '--explain']),
  ...run(['recommend', 'for', 'shop', '--history', 'tea-1,cups-2', '--where', "kind = 'sweets'", '--k', '2']),
  ...run(['recommend', 'audience', 'shop', 'books-1', '--k', '2']),
];
writeFileSync(
  picture,
  `${drawTerminal(lines.map(cut), { label: 'CSV in, recommendations with reasons out', animated: true })}\n`,
);
if (pictures !== undefined) {
  const screenshots = resolve(import.meta.dirname, 'report-screenshots.mjs');
  execFileSync(process.execPath, [screenshots, join(place, 'report.html'), pictures], { stdio: 'inherit' });
}

/** In lines that fit. */
function wrapped(text) {
  const out = [''];
  for (const word of text.split(' ')) {
    if (`${out.at(-1)} ${word}`.length > WIDTH) out.push(word);
    else out[out.length - 1] = `${out.at(-1)} ${word}`.trim();
  }
  return out;
}
