/** What every family owes: the loss and the prompt's gradient of transformers and PEFT (`compare/logits_fixture.py`), wherever the prompt stands. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gradientDifference } from '../../compare/gradient-difference.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { familyOf } from '../../src/network/families/registry.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import type { PromptSequence } from '../../src/prompt/sequence.js';
import { fixtureModels, MODELS, readJson } from './fixtures.js';

interface Expected {
  /** [P][e] */
  readonly prompt: readonly (readonly number[])[];
  readonly places: Readonly<
    Record<
      string,
      {
        readonly sequences: readonly { readonly context: readonly number[]; readonly target: readonly number[] }[];
        readonly loss: number;
        readonly gradient: readonly (readonly number[])[];
      }
    >
  >;
}

const ALL = readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'expected.json')));
/** The mask's id in `compare/logits_fixture.py`. */
const MASK = 4;
/** What a decoder begins with there. */
const START = 0;
const open = fixtureModels();

for (const model of ALL) {
  test(`${model}: loss and gradient of a prompt in front, in the middle and at the end are PEFT's and transformers'`, async () => {
    const { prompt, places } = readJson<Expected>('models', model, 'expected.json');
    const checkpoint = await open(model);
    const { sees } = familyOf(checkpoint.config);
    const masked = sees === 'all';
    const learned = Float32Array.from(prompt.flat());
    for (const [place, { sequences, loss, gradient }] of Object.entries(places)) {
      const longest = Math.max(...sequences.map(({ context, target }) => context.length + target.length));
      const batch = sequences.map(({ context, target }): PromptSequence => {
        const ids = Int32Array.from(context);
        const masks = context.flatMap((id, t) => (id === MASK ? [t] : []));
        const candidates = [Int32Array.from(target)];
        const decoderStart = sees === 'source' ? Int32Array.of(START) : undefined;
        return { context: ids, candidates, target: 0, masked: masked ? [{ ids, masks }] : undefined, decoderStart };
      });
      for (const sharedRows of place === 'front' && sees === 'before' ? [0, prompt.length] : [0]) {
        const network = promptNetwork(checkpoint, {
          loss: 'vocabulary',
          trainable: softPrompt(prompt.length, prompt[0]!.length),
          sharedRows,
          maxPositions: longest,
        });
        const together = await network.lossAndGradient(learned, batch);
        const where = `${place}, ${sharedRows} shared`;
        assert.ok(Math.abs(together.loss / loss - 1) < 1e-5, `${where}: loss ${together.loss} for ${loss}`);
        const { cosine, relativeError } = gradientDifference(together.gradient, gradient.flat());
        assert.ok(
          cosine > 0.999999 && relativeError < 1e-4,
          `${where}: cosine ${cosine}, relative error ${relativeError}`,
        );

        // each by itself adds up to the packed batch
        const sum = new Float32Array(learned.length);
        for (const sequence of batch) {
          const alone = await network.lossAndGradient(learned, [sequence], 1 / batch.length);
          alone.gradient.forEach((g, i) => {
            sum[i]! += g;
          });
        }
        assert.ok(gradientDifference(together.gradient, [...sum]).relativeError < 1e-5);
        await network.release();
      }
    }
  });
}
