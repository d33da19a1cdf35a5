import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Learned } from '../../methods/registry.js';
import { readPeftPrompt } from './read-prompt.js';
import type { SavedPrompt } from './saved-prompt.js';
import { writePrompt } from './write-prompt.js';

const outside = mkdtempSync(join(tmpdir(), 'softprompt-'));
after(() => rmSync(outside, { recursive: true }));

const prompt = (learned: Learned, source: string): SavedPrompt => ({
  ...{ learned, initial: undefined, initialTokens: undefined, calibration: undefined, tuning: {}, metrics: [] },
  ...{ task: 'classification', template: '{text}{label}', placement: 'front' },
  labels: new Map([
    ['0', ' bad'],
    ['1', ' good'],
  ]),
  baseModel: { source, hash: 'ab'.repeat(32), hiddenSize: 32, layers: 2, heads: 4, vocabularySize: 64 },
});

test('what PEFT saves of methods that change layers is read, and written as PEFT writes it', async () => {
  for (const method of ['lora', 'ia3', 'p-tuning', 'multitask', 'cpt', 'prefix-projection']) {
    const theirs = join('test/fixtures/peft', method);
    const { learned, baseModel: source } = await readPeftPrompt(theirs);
    assert.equal(learned.method, method === 'prefix-projection' ? 'prefix' : method);
    const folder = join(outside, method);
    await writePrompt(folder, prompt(learned, source!), { overwrite: true });
    const name = 'adapter_model.safetensors';
    assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(theirs, name)), method);
    const config = (path: string) => {
      const { peft_version: _, ...rest } = JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'));
      // PEFT has sets, whose order means nothing
      for (const list of ['target_modules', 'feedforward_modules']) rest[list]?.sort();
      return rest;
    };
    assert.deepEqual(config(folder), config(theirs));
  }
});
