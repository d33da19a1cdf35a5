/** Many prompts in one batch: each sequence's scores are those that its prompt gives it alone, for every family. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { lora } from '../../src/methods/lora.js';
import { prefix } from '../../src/methods/prefix.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import type { Checkpoint } from '../../src/network/checkpoint/checkpoint.js';
import { embeddingWidth } from '../../src/network/checkpoint/config.js';
import { familyOf } from '../../src/network/families/registry.js';
import { type MixedPrompt, type MixedRequest, mixedNetwork } from '../../src/network/mixed/mixed-network.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { learnedCount, type Trainable } from '../../src/network/trainable.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { fixtureModels, MODELS, randomPrompt, relativeError } from './fixtures.js';

const ALL = readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'expected.json')));
const open = fixtureModels();
const ids = (...all: number[]) => Int32Array.from(all);
const soft = (count: number) => Array.from({ length: count }, (_, k) => learnedToken(k));

/** What a causal prompt makes of a text: the ids before it, those behind it, and candidates. */
interface Form {
  readonly trainable: Trainable;
  readonly before: readonly number[];
  readonly behind: readonly number[];
  readonly candidates: readonly Int32Array[];
}

function formsOf({ config }: Checkpoint): Form[] {
  const width = embeddingWidth(config);
  const words = [ids(5), ids(9)];
  const phrases = [ids(5, 6, 7), ids(5, 8), ids(3)];
  return [
    { trainable: softPrompt(4, width), before: [...soft(4), 7], behind: [3], candidates: words },
    { trainable: softPrompt(2, width), before: soft(2), behind: [], candidates: [ids(9), ids(11), ids(5)] },
    { trainable: softPrompt(3, width), before: [4], behind: [...soft(3), 6], candidates: words },
    { trainable: softPrompt(9, width), before: soft(9), behind: [2, 2], candidates: phrases },
    { trainable: prefix(3, config), before: [6], behind: [4], candidates: words },
    { trainable: prefix(5, config), before: [], behind: [], candidates: phrases },
  ];
}

const TEXTS = [[10, 11, 12], [13], [14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]];

/** Every prompt with every text, in an order that mixes them. */
function requestsOf(checkpoint: Checkpoint): MixedRequest[] {
  const masked = familyOf(checkpoint.config).sees === 'all';
  const requests = formsOf(checkpoint).flatMap(({ trainable, before, behind, candidates }, seed) => {
    const prompt: MixedPrompt = {
      ...{ trainable, learned: randomPrompt(learnedCount(trainable), seed + 1) },
      ...{ front: masked ? ids() : ids(...before), maxPositions: 40 },
    };
    return TEXTS.map((text): MixedRequest => {
      const context = ids(...before, ...text, ...behind);
      if (!masked) return { prompt, sequence: { context, candidates, target: undefined } };
      const lengths = [...new Set(candidates.map(({ length }) => length))];
      const texts = lengths.map((masks) => ({
        ids: ids(...context, ...Array.from({ length: masks }, () => 1), 2),
        masks: Array.from({ length: masks }, (_, i) => context.length + i),
      }));
      return { prompt, sequence: { context: texts[0]!.ids, candidates, target: undefined, masked: texts } };
    });
  });
  return requests.map((_, i) => requests[(i * 7) % requests.length]!);
}

/** Log shares among the candidates: what scores mean, up to a number that all of them share. */
function logShares(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const most = Math.max(...values);
  const sum = values.reduce((before, value) => before + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(sum));
}

async function alone(checkpoint: Checkpoint, { prompt, sequence }: MixedRequest): Promise<number[]> {
  const { trainable, learned, maxPositions, front } = prompt;
  const shape = { loss: 'labels' as const, trainable, maxPositions, sharedRows: front.length };
  const network = promptNetwork(checkpoint, { ...shape, threads: 1 });
  const logits = await network.logits(learned, [sequence as PromptSequence]);
  await network.release();
  return logShares(logits);
}

for (const model of ALL) {
  test(`${model}: prompts of many forms in one batch`, async () => {
    const checkpoint = await open(model);
    const requests = requestsOf(checkpoint);
    const network = mixedNetwork(checkpoint, { threads: 1 });
    if (familyOf(checkpoint.config).sees === 'source') {
      assert.ok(requests.every((request) => !network.takes(request)));
      return;
    }
    const together = await network.logits(requests);
    const again = await network.logits(requests.slice(3, 8)); // from the cache of fronts
    for (const [i, request] of requests.entries()) {
      const expected = await alone(checkpoint, request);
      const error = relativeError(logShares(together[i]!), expected);
      assert.ok(error < 1e-4, `request ${i}: relative error ${error}`);
      if (i >= 3 && i < 8) assert.ok(relativeError(logShares(again[i - 3]!), expected) < 1e-4);
    }
    await network.release();
  });
}

describe('fronts', () => {
  it('are kept by what they are made of: other numbers under the same name are another front', async () => {
    const checkpoint = await open('llama-tied');
    const [request] = requestsOf(checkpoint);
    const { trainable } = request!.prompt;
    const changed: MixedRequest = {
      ...request!,
      prompt: { ...request!.prompt, learned: randomPrompt(learnedCount(trainable), 99) },
    };
    const network = mixedNetwork(checkpoint, { threads: 1, frontBytes: 1 }); // none is kept for long
    for (const one of [request!, changed, request!]) {
      const [logits] = await network.logits([one]);
      assert.ok(relativeError(logShares(logits!), await alone(checkpoint, one)) < 1e-4);
    }
    await network.release();
  });

  it('says whose front is at hand, so that what it costs can be told', async () => {
    const checkpoint = await open('llama-tied');
    const [request, another] = requestsOf(checkpoint);
    const network = mixedNetwork(checkpoint, { threads: 1 });
    assert.ok(!network.keepsFront(request!.prompt));
    await network.logits([request!]);
    assert.ok(network.keepsFront(request!.prompt));
    assert.ok(!network.keepsFront(another!.prompt), 'of that prompt alone');
    await network.release();
  });

  it('of prompts that change layers are none: they are not taken', async () => {
    const checkpoint = await open('llama-tied');
    const network = mixedNetwork(checkpoint);
    const trainable = lora.trainable(0, checkpoint.config, lora.settle({}, checkpoint.config));
    const prompt = { trainable, learned: randomPrompt(learnedCount(trainable)), front: ids(), maxPositions: 40 };
    const requests = requestsOf(checkpoint);
    assert.equal(network.takes({ prompt, sequence: requests[0]!.sequence }), false);
    assert.ok(requests.every(network.takes));
  });
});
