import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createOutput, endProgress } from './output.js';

/** What a terminal is sent, in order: lines of standard output, and what the bar writes. */
describe('the progress bar of a terminal', () => {
  let sent: string[];
  const restore: (() => void)[] = [];
  beforeEach(() => {
    sent = [];
    const { isTTY, columns } = process.stderr;
    Object.assign(process.stderr, { isTTY: true, columns: 100 });
    const writes = [process.stderr, process.stdout].map((stream) =>
      mock.method(stream, 'write', (text: string) => {
        sent.push(String(text));
        return true;
      }),
    );
    restore.push(() => {
      for (const { mock: mocked } of writes) mocked.restore();
      Object.assign(process.stderr, { isTTY, columns });
    });
  });
  afterEach(() => {
    for (const undo of restore.splice(0)) undo();
  });

  it('stays below what is said, until it is full', () => {
    const output = createOutput(false);
    output.progress('training', 10, 40, 'loss 0.5');
    output.say('Step    10');
    const afterLine = sent.slice(sent.indexOf('Step    10\n') + 1).join('');
    assert.match(afterLine, /training .* 10\/40 loss 0\.5/);
    output.progress('training', 40, 40);
    sent.length = 0;
    output.say('Step    40');
    assert.doesNotMatch(sent.slice(sent.indexOf('Step    40\n') + 1).join(''), /training/);
  });

  it('tells of a part of the work in its own line', () => {
    const output = createOutput(false);
    output.progress('training', 10, 40);
    sent.length = 0;
    output.within('validating', 3, 9);
    output.say('Step    10'); // draws it
    output.progress('training', 11, 40, 'loss 0.4');
    endProgress();
    const text = sent.join('');
    assert.match(text, /training .* 10\/40 validating 3\/9/);
    assert.match(text, /training .* 11\/40 loss 0\.4/);
  });

  it('gives way to other work', () => {
    const output = createOutput(false);
    output.progress('training', 10, 40);
    output.progress('scoring the test texts', 1, 5);
    sent.length = 0;
    output.say('a line');
    const text = sent.join('');
    assert.match(text, /scoring the test texts .* 1\/5/);
    endProgress();
  });
});
