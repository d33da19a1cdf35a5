import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import stringWidth from 'string-width';
import { wrapText } from './terminal-text.js';

const lines = (text: string, width: number) => wrapText(text, width).split('\n');

describe('wrapText', () => {
  it('breaks between words and goes on where the text begins', () => {
    assert.deepEqual(lines('Note    the history is empty: the list is what is popular', 30), [
      'Note    the history is empty:',
      '        the list is what is',
      '        popular',
    ]);
    assert.deepEqual(lines('   1. Martin Eden, because of The Call of the Wild', 32), [
      '   1. Martin Eden, because of',
      '      The Call of the Wild',
    ]);
    assert.deepEqual(lines('  1. tea-01  Jasmine green tea of the first harvest  (1.25)', 40), [
      '  1. tea-01  Jasmine green tea of the',
      '             first harvest  (1.25)',
    ]);
  });

  it('rather breaks where columns part than within them', () => {
    assert.deepEqual(lines("     near ' good' 0.9 (1.2)   ' bad' 0.8 (1.1)   ' odd' 0.7 (1.0)", 46), [
      "     near ' good' 0.9 (1.2)   ' bad' 0.8 (1.1)",
      "     ' odd' 0.7 (1.0)",
    ]);
  });

  it('never makes a line that is too wide, but for a word that is', () => {
    const text = '这家面馆的汤头浓郁，老板娘也热情，吃完浑身舒坦。 softprompt/很长 and so on, 一二三四五六七八九十';
    for (let width = 20; width <= 80; width++) {
      for (const line of lines(text, width)) assert.ok(stringWidth(line) <= width, `${width}: ${line}`);
    }
    assert.deepEqual(lines(`${'x'.repeat(30)} y`, 20), ['x'.repeat(30), 'y']);
  });

  it('leaves commands so that they can be copied', { skip: process.platform === 'win32' }, () => {
    const command = `npx softprompt tune --train reviews.csv --template '[soft:8]{text} It was{label}' --out my-prompt`;
    const wrapped = wrapText(`  ${command}`, 60);
    assert.ok(wrapped.includes(' \\\n'));
    assert.match(wrapped, /^ +--template '/m, 'a flag stands before its value');
    assert.equal(wrapped.trim().replaceAll(/ \\\n +/g, ' '), command);
    for (const line of wrapped.split('\n')) assert.ok(line.length <= 60, line);
    const install = 'RUNTIME_UNAVAILABLE: it is not there. Run `npm install --ignore-scripts onnxruntime-node@1.30.0`.';
    assert.ok(lines(install, 70).includes('`npm install --ignore-scripts onnxruntime-node@1.30.0`.'));
  });

  it('leaves a line with a mark under it, what fits, and what is no terminal', () => {
    const marked = '  [soft:4]{text} and a long template that goes on\n                 ^';
    assert.equal(wrapText(marked, 20), marked);
    assert.equal(wrapText('a  b\n\n  c', 20), 'a  b\n\n  c');
    assert.equal(wrapText('x '.repeat(500), Number.POSITIVE_INFINITY), 'x '.repeat(500));
  });
});
