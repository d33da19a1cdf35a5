/** Methods that PEFT does not have: gradients are those of PyTorch; the fixtures are made by `compare/own_methods_fixture.py`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MethodName } from '../../src/methods/registry.js';
import { METHODS } from '../../src/methods/registry.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { arraysOf } from '../../src/network/trainable.js';
import type { PromptSequence } from '../../src/prompt/sequence.js';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { fixtureModels, readJson } from './fixtures.js';

const open = fixtureModels();

interface Fixture {
  readonly method: MethodName;
  readonly sequences: readonly { readonly text: number[]; readonly label: number[]; readonly masks?: number[] }[];
  readonly loss: number;
  /** Of each array's gradient: its norm, and its products with cos((j + 1)·(i + 1)) for j = 0, 1, 2. */
  readonly projections: Readonly<Record<string, readonly number[]>>;
}

for (const method of ['full', 'bitfit', 'adapter'] as const) {
  for (const [name, folder] of [
    ['tiny', 'test/fixtures/peft/model'],
    ['gpt2', 'test/fixtures/models/gpt2'],
    ['bert', 'test/fixtures/models/bert'],
  ] as const) {
    test(`${method}, ${name}: loss and gradient are PyTorch's`, async () => {
      const { sequences, loss, projections } = readJson<Fixture>('peft', `own-${method}-${name}.json`);
      const checkpoint = await open(folder);
      const chosen = METHODS[method];
      const options = chosen.settle(method === 'adapter' ? { bottleneck: 3 } : {}, checkpoint.config);
      const trainable = chosen.trainable(0, checkpoint.config, options);
      const values = await chosen.start({
        ...{
          model: { checkpoint, tokenizer: {} as Tokenizer },
          starts: [],
          labelWords: [],
          scale: 1,
          seed: 0,
          options,
        },
        initialisation: { kind: 'unchanged' },
      });
      if (method === 'adapter') values.fill(0);
      values.forEach((value, i) => {
        values[i] = value + 0.05 * Math.sin(i + 1);
      });
      const batch = sequences.map(({ text, label, masks }): PromptSequence => {
        const context = Int32Array.from(text);
        const masked = masks && [{ ids: context, masks }];
        return { context, candidates: [Int32Array.from(label)], target: 0, masked };
      });
      const network = promptNetwork(checkpoint, { loss: 'vocabulary', trainable, sharedRows: 0, maxPositions: 64 });
      const found = await network.lossAndGradient(values, batch);
      await network.release();
      assert.ok(Math.abs(found.loss / loss - 1) < 2e-6, `loss ${found.loss}, by PyTorch ${loss}`);
      const gradients = arraysOf(trainable, found.gradient);
      assert.deepEqual(Object.keys(gradients), Object.keys(projections));
      const largest = Math.max(...Object.values(projections).map(([norm]) => norm!));
      for (const [array, [norm, ...products]] of Object.entries(projections)) {
        const gradient = gradients[array]!;
        const own = Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0));
        const slack = 1e-5 * Math.max(norm!, 0.1 * largest);
        assert.ok(Math.abs(own - norm!) < slack, `${array}: norm ${own}, by PyTorch ${norm}`);
        for (const [j, product] of products.entries()) {
          const ours = gradient.reduce((sum, x, i) => sum + x * Math.cos((j + 1) * (i + 1)), 0);
          assert.ok(Math.abs(ours - product) < 10 * slack, `${array}: ${ours}, by PyTorch ${product}`);
        }
      }
    });
  }
}
