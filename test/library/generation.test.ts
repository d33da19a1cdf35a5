import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load, openGeneration } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-library-generation-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const kinds = ['big', 'small', 'old', 'young', 'good', 'new'];
const rows = kinds.flatMap((kind) => [
  { turns: ['hello', `a ${kind} cat`], target: ' meow' },
  { turns: ['hello', `a ${kind} dog`], target: ' woof' },
]);

test('a model generates, a prompt is learned, answers, streams, is saved and opened', async () => {
  const model = await load('embedded', { threads: 1 });
  const written = model.generate('{text} and{target}');
  const answer = await written.generate('The king of England', { maxNewTokens: 6 });
  assert.ok(answer.ids.length <= 6 && answer.text.length > 0);
  const many = await written.generate([{ text: 'The king of England' }, { text: 'A river' }], { maxNewTokens: 6 });
  assert.deepEqual(many[0]!.ids, answer.ids);
  const drawn = await written.generate('A river', { maxNewTokens: 6, temperature: 1, topP: 0.9, seed: 4 });
  assert.deepEqual(await written.generate('A river', { maxNewTokens: 6, temperature: 1, topP: 0.9, seed: 4 }), drawn);

  const task = model.generate('[soft:8]{turns} says{target}');
  const events = new Set<string>();
  const prompt = await task.tune(rows, {
    ...{ valid: rows.slice(0, 4), maxSteps: 60, batchSize: 6, learningRate: 0.03, maxNewTokens: 6 },
    onEvent: ({ event }) => events.add(event),
  });
  assert.ok(events.has('validation'));
  assert.equal((await prompt.generate({ turns: ['hello', 'a big dog'] })).text, ' woof');
  let whole = '';
  for await (const piece of prompt.stream({ turns: ['hello', 'a small cat'] })) whole += piece;
  assert.equal(whole, ' meow');
  await prompt.save(join(folder, 'prompt'));
  await prompt.close();
  await model.close();
  const opened = await openGeneration(join(folder, 'prompt'), { threads: 1 });
  const report = await opened.evaluate(rows);
  assert.ok(report.exactMatch! > 0.8, JSON.stringify(report));
  await assert.rejects(opened.generate({ other: 'x' } as never), { code: 'FIELD_MISSING' });
  await assert.rejects(opened.generate({ turns: 'x' }, { signal: AbortSignal.abort(new Error('no')) }), /no/);
  await opened.close();
  await assert.rejects(opened.generate({ turns: 'x' }), { code: 'CLOSED' });
});
