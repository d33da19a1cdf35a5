import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { prefix } from '../../src/methods/prefix.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { decodingNetwork, type LearnedPrompt, PLAIN } from '../../src/network/decoding/decoding-network.js';
import { findFamily } from '../../src/network/families/registry.js';
import { loadModel } from '../../src/network/load-model.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { learnedCount, type Trainable } from '../../src/network/trainable.js';
import { learnedToken } from '../../src/prompt/sequence.js';
import { fixtureModels, MODELS, randomPrompt, readJson, relativeError } from './fixtures.js';
import { logitsEverywhere } from './logits-everywhere.js';

const CAUSAL = readdirSync(MODELS)
  .filter((name) => existsSync(join(MODELS, name, 'expected.json')))
  .filter((name) => {
    const { model_type } = readJson<{ model_type: string }>('models', name, 'config.json');
    return findFamily(model_type)?.sees === 'before';
  });
const open = fixtureModels();
const near = (actual: Float32Array, expected: Float32Array, what: string) => {
  const error = relativeError(actual, expected);
  assert.ok(error < 1e-4, `${what}: relative error ${error}`);
};

for (const name of CAUSAL) {
  test(`${name}: streams of different lengths, begun, extended and stepped, have the logits of whole texts`, async () => {
    const checkpoint = await open(name);
    const V = checkpoint.config.vocabularySize;
    const longest = readJson<{ inputIds: number[][] }>('models', name, 'expected.json').inputIds[0]!;
    const texts = [longest.slice(0, 20), longest.slice(3, 17), longest.slice(1, 20)];
    const expected = await logitsEverywhere(checkpoint, texts, 0);
    // the same choice of LongRoPE's factors as for the whole texts
    const network = decodingNetwork(checkpoint, { maxPositions: 20 });
    const slots = network.slots();
    const starts = [7, 1, 6];
    for (const [slot, ids] of texts.entries()) {
      const front = slot === 1 ? 0 : 2;
      await network.begin(slots, slot, PLAIN, Int32Array.from(ids.slice(0, front)));
      const rows = Int32Array.from(ids.slice(front, starts[slot]!));
      const logits = await network.extend(slots, slot, PLAIN, rows, 'all');
      assert.equal(logits.length, rows.length * V);
      for (const row of rows.keys()) {
        near(
          logits.subarray(row * V, (row + 1) * V),
          expected[slot]![front + row]!,
          `text ${slot}, row ${front + row}`,
        );
      }
    }
    for (let step = 0; step < 13; step++) {
      const ids = texts.map((text, slot) => text[starts[slot]! + step]!);
      const logits = await network.step(slots, PLAIN, ids);
      for (const slot of ids.keys()) {
        const row = starts[slot]! + step;
        near(logits.subarray(slot * V, (slot + 1) * V), expected[slot]![row]!, `text ${slot}, step ${step}`);
      }
    }
    await network.release();
  });
}

test('in 8 bits the logits are nearly the same, and the file of the cache is made once', async () => {
  const checkpoint = await loadModel('embedded');
  const cacheFolder = mkdtempSync(join(tmpdir(), 'softprompt-int8-'));
  after(() => rmSync(cacheFolder, { recursive: true }));
  const ids = Int32Array.from(checkpoint.tokenizer.encode('The king of England said that'));
  const logits: Float32Array[] = [];
  for (const precision of ['float32', 'int8', 'int8'] as const) {
    const network = decodingNetwork(checkpoint.checkpoint, { precision, cacheFolder, threads: 1 });
    const slots = network.slots();
    await network.begin(slots, 0, PLAIN, ids.subarray(0, 2));
    await network.extend(slots, 0, PLAIN, ids.subarray(2, -1));
    logits.push(await network.step(slots, PLAIN, [ids.at(-1)!]));
    await network.release();
  }
  const error = relativeError(logits[1]!, logits[0]!);
  assert.ok(error > 0 && error < 0.05, `relative error ${error}`);
  assert.deepEqual(logits[1], logits[2]);
  assert.equal(readdirSync(join(cacheFolder, 'weights')).filter((name) => name.includes('int8')).length, 1);
});

const METHODS: readonly {
  readonly name: string;
  readonly make: (config: never) => Trainable;
  readonly inRows: number;
}[] = [
  { name: 'soft', make: ({ hiddenSize }: { hiddenSize: number }) => softPrompt(3, hiddenSize), inRows: 3 },
  { name: 'prefix', make: (config) => prefix(3, config), inRows: 0 },
];

for (const { name, make, inRows } of METHODS) {
  test(`${name}: what is learned is in the front, or between, as in training`, async () => {
    const checkpoint = await open('llama-tied');
    const V = checkpoint.config.vocabularySize;
    const trainable = make(checkpoint.config as never);
    const learned = randomPrompt(learnedCount(trainable));
    const prompt: LearnedPrompt = { trainable, learned };
    const soft = Array.from({ length: inRows }, (_, k) => learnedToken(k));
    const candidates = Array.from({ length: V }, (_, word) => Int32Array.of(word));
    const reference = promptNetwork(checkpoint, { loss: 'labels', trainable, sharedRows: 0, maxPositions: 64 });
    const network = decodingNetwork(checkpoint);
    const slots = network.slots();
    for (const context of [
      [...soft, 5, 9, 11, 4],
      [8, 5, ...soft, 9, 11],
    ]) {
      const expected = await reference.logits(learned, [
        { context: Int32Array.from([...context, 7]), candidates, target: undefined },
      ]);
      for (const front of [0, 3]) {
        await network.begin(slots, 0, prompt, Int32Array.from(context.slice(0, front)));
        await network.extend(slots, 0, prompt, Int32Array.from(context.slice(front)));
        const logits = await network.step(slots, prompt, [7]);
        // logits of one-token candidates
        near(logits, expected, `front of ${front}`);
      }
    }
    await network.release();
    await reference.release();
  });
}
