import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SoftpromptError } from '../../src/errors.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const model = '../shared/models/stories260k';
const skip = existsSync(model) ? false : `${model} is not here`;
const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

test('a small pretrained model learns to tell good from bad', { skip }, async () => {
  const labels = { '0': ' sad', '1': ' happy' };
  const template = '[soft:8]{text}. She was{label}.';
  const out = join(folder, 'stories');
  const result = await tunePrompt({ ...wordTask(folder, 'stories'), model, template, labels, maxSteps: 60 });
  assert.ok(result.test!.accuracy > 0.9, `test accuracy ${result.test!.accuracy}`);
  const prompt = await openPrompt(out);
  try {
    assert.equal(prompt.match, 'same');
    const answers = await predict(prompt, [{ text: 'the film good' }, { text: 'the film bad' }]);
    assert.deepEqual(
      answers.map(({ label }) => label),
      ['1', '0'],
    );
  } finally {
    await prompt.task.network.release();
  }
  await assert.rejects(
    openPrompt(out, { model: TINY_MODEL }),
    ({ code }: SoftpromptError) => code === 'PROMPT_BASE_MODEL',
  );
});
