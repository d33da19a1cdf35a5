/** Forms and label words found from data and model, and a prompt behind them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadModel } from '../../src/network/load-model.js';
import type { DesignOptions } from '../../src/tasks/design/design-options.js';
import { designPrompt, resumeDesign } from '../../src/tasks/design/design-prompt.js';
import { findLabelWords } from '../../src/tasks/design/label-words.js';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import { TINY_MODEL, wordRows, wordTask, wordTaskFolder, writeRows } from './word-task.js';

const folder = wordTaskFolder();
after(() => rmSync(folder, { recursive: true }));

function options(out: string, more: Partial<Omit<DesignOptions, 'out'>> = {}) {
  const { train, valid, test } = wordTask(folder, out);
  return {
    ...{
      model: TINY_MODEL,
      train,
      valid,
      test,
      out: join(folder, out),
      tokens: 6,
      maxSteps: 60,
      minutes: 1,
      threads: 1,
    },
    ...more,
  };
}

test('from a file and a model alone: forms are compared, the best is learned, and it says why', async () => {
  const asked = options('whole');
  const result = await designPrompt(asked);
  assert.equal(result.ended, 'finished');
  assert.ok(result.forms.length >= 4, `${result.forms.length}`);
  // numbers are no names: all label words are the model's
  assert.ok(result.forms.every(({ words, labels }) => words === 'model' && labels['0'] !== labels['1']));
  const losses = result.forms.map(({ loss }) => loss);
  assert.deepEqual(
    losses,
    [...losses].sort((a, b) => a - b),
  );
  assert.ok(result.tried.length >= 1 && result.tried.length <= 3);
  assert.match(result.reasons.join('\n'), /forms were compared[\s\S]*validated best/);
  const record = JSON.parse(readFileSync(join(asked.out, 'design.json'), 'utf8'));
  assert.deepEqual([record.template, record.labels], [result.template, result.labels]);
  assert.ok(!existsSync(join(asked.out, 'training')));
  const prompt = await openPrompt(asked.out);
  const { accuracy } = await evaluatePrompt(prompt, { data: asked.test! });
  await prompt.close();
  assert.equal(accuracy, result.report!.test!.accuracy);
  assert.ok(accuracy > 0.6, `${accuracy}`);
});

test('interrupted while it compares, it goes on behind what was compared', async () => {
  const asked = options('stopped', { shots: 8, maxSteps: 5 });
  const stop = new AbortController();
  const first = await designPrompt(asked, {
    signal: stop.signal,
    onEvent: (event) => event.event === 'form' && event.number === 2 && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  const numbers: number[] = [];
  const last = await resumeDesign(asked.out, {
    onEvent: (event) => event.event === 'form' && numbers.push(event.number),
  });
  assert.equal(last.ended, 'finished');
  assert.ok(!numbers.includes(1), `${numbers}`);
  // of 16 examples, demonstrations are measured beside what was learned
  assert.ok(last.demonstrations!.entropy >= 0 && last.demonstrations!.orders === 2);
  assert.match(last.reasons.at(-1)!, /examples in front.*kept/);
});

test("names of labels and one's own form and words take part; several tokens make a word", async () => {
  const train = join(folder, 'named.jsonl');
  writeRows(
    train,
    wordRows(60, 4).map(({ text, label }) => ({ text, kind: label === '0' ? 'not so good' : 'good' })),
  );
  const own = { template: 'so: {text} is{label}', labels: { 'not so good': 'xx', good: 'oo' } };
  const { forms, out } = await designPrompt(
    options('named', { ...own, train, valid: undefined, test: undefined, maxSteps: 3 }),
  );
  assert.deepEqual([...new Set(forms.map(({ words }) => words))].sort(), ['model', 'names', 'own']);
  assert.ok(forms.some(({ template }) => template === own.template));
  assert.ok(forms.some(({ labels }) => labels['not so good']!.trim() === 'not so good'));
  assert.ok(existsSync(join(out, 'softprompt.json')));
});

test('label words tell the examples apart better than most other pairs do', async () => {
  const model = await loadModel(TINY_MODEL);
  const examples = wordRows(60, 9).map(({ text, label }, i) => ({ id: `${i}`, fields: { text }, label }));
  const options = { maxLength: 64, threads: 1 };
  const found = (await findLabelWords(model, '{text} so{label}', examples, ['0', '1'], options))!;
  assert.notEqual(found.labels['0'], found.labels['1']);
  // calibrated, and chosen among many: better than the guess of equal shares
  assert.ok(found.loss < Math.log(2) - 0.001, `${found.loss}`);
  const turned = (await findLabelWords(
    model,
    '{text} so{label}',
    examples.map((example) => ({ ...example, label: example.label === '0' ? '1' : '0' })),
    ['0', '1'],
    options,
  ))!;
  assert.ok(Math.abs(turned.loss - found.loss) < 0.05);
});

test('a Chinese file gets Chinese forms', async () => {
  const train = join(folder, 'zh.csv');
  const rows = Array.from(
    { length: 40 },
    (_, i) => `这部电影${i % 2 ? '很好看' : '不好看'}${i},${i % 2 ? '好评' : '差评'}`,
  );
  writeFileSync(train, `评论,标签\n${rows.join('\n')}\n`);
  const { forms } = await designPrompt(
    options('chinese', { model: 'embedded', train, valid: undefined, test: undefined, maxSteps: 2, minutes: 0.02 }),
  );
  assert.ok(
    forms.some(({ template }) => /很\{label\}/.test(template)),
    JSON.stringify(forms[0]),
  );
});
