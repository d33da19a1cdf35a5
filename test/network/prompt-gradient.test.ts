/** The prompt's gradient through whole frozen networks, against finite differences in float64. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { batchFeeds, computation, gradientOf, type Head } from '../../src/network/prompt-computation.js';
import { type PromptNetworkOptions, promptNetwork } from '../../src/network/prompt-network.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { evaluate } from '../autodiff/float64-evaluator.js';
import { fixtureModels, randomPrompt, relativeError } from './fixtures.js';

const LEARNED = 2;
const STEP = 1e-5;
const open = fixtureModels();
const [A, B] = [learnedToken(0), learnedToken(1)];

/** Where the learned tokens stand. */
const PLACES: readonly { readonly name: string; readonly sharedRows: number; readonly contexts: number[][] }[] = [
  {
    name: 'in front, shared',
    sharedRows: 3,
    contexts: [
      [A, B, 1, 9, 17, 33],
      [A, B, 1, 21, 5, 40, 50, 11, 12, 13, 14],
    ],
  },
  {
    name: 'shared and own',
    sharedRows: 2,
    contexts: [
      [1, A, 9, B, A],
      [1, A, 21, 5, 40],
    ],
  },
  {
    name: 'in front, in the middle, after the text, and none',
    sharedRows: 0,
    contexts: [
      [A, B, 9, 17],
      [1, 9, A, B, 17, 33, 20, 21, 22, 23],
      [7, 9, B, A],
      [5, 6],
    ],
  },
];

const TASKS: readonly {
  readonly name: string;
  readonly loss: PromptNetworkOptions['loss'];
  readonly head: Head;
  readonly candidates: number[][];
}[] = [
  { name: 'label words', loss: 'labels', head: 'label words', candidates: [[8], [30], [44]] },
  {
    name: 'labels of several tokens',
    loss: 'labels',
    head: 'all candidates',
    candidates: [[8, 30], [8, 30, 12], [8, 31, 12], [44]],
  },
  { name: 'vocabulary', loss: 'vocabulary', head: 'target', candidates: [[8, 30, 12], [8, 31], [44]] },
];

/**
 * llama-f16: one product for q, k and v; qwen2: biases; qwen3: norms of heads; mistral: a window over shared and own rows; t5: a
 * decoder of few rows, which looks into the encoder without its keys and values.
 */
const CASES: readonly {
  model: string;
  place: (typeof PLACES)[number];
  task: (typeof TASKS)[number];
  layers?: number;
  decoderStart?: readonly number[];
}[] = [
  ...PLACES.flatMap((place) => TASKS.map((task) => ({ model: 'llama-tied', place, task }))),
  { model: 'llama-tied', place: PLACES[1]!, task: TASKS[1]!, layers: 1 },
  { model: 'llama-f16', place: PLACES[1]!, task: TASKS[1]! },
  { model: 'qwen2', place: PLACES[1]!, task: TASKS[0]! },
  { model: 'qwen3', place: PLACES[1]!, task: TASKS[1]! },
  { model: 'mistral', place: PLACES[0]!, task: TASKS[1]! },
  { model: 't5', place: PLACES[2]!, task: TASKS[0]!, decoderStart: [0] },
  { model: 't5-gated', place: PLACES[2]!, task: TASKS[0]!, decoderStart: [0, 7] },
  { model: 't5', place: PLACES[2]!, task: TASKS[2]!, decoderStart: [0] },
];

for (const { model, place, task, layers = 2, decoderStart } of CASES) {
  test(`${model}, ${layers} layers, loss over ${task.name}, learned tokens ${place.name}`, async () => {
    const whole = await open(model);
    const checkpoint = { ...whole, config: { ...whole.config, layers } };
    const options = {
      loss: task.loss,
      trainable: softPrompt(LEARNED, checkpoint.config.hiddenSize),
      sharedRows: place.sharedRows,
      maxPositions: 32,
    };
    const batch = place.contexts.map(
      (context, i): PromptSequence => ({
        context: Int32Array.from(context),
        candidates: task.candidates.map((ids) => Int32Array.from(ids)),
        target: i % task.candidates.length,
        ...(decoderStart && { decoderStart: Int32Array.from(decoderStart) }),
      }),
    );
    const prompt = randomPrompt(LEARNED * checkpoint.config.hiddenSize);
    const { feeds, sizes } = batchFeeds(checkpoint, options, batch, task.head, 1 / batch.length);
    assert.equal(sizes.L, place.sharedRows);
    const { loss, [gradientOf('prompt')]: gradient } = computation(
      checkpoint,
      options,
      'train',
      task.head,
      sizes.L! > 0,
    );
    const lossOf = (at: Float64Array) => evaluate({ loss: loss! }, { ...feeds, prompt: at }, sizes).loss![0]!;
    const at = Float64Array.from(prompt);
    const inFloat64 = evaluate({ loss: loss!, gradient: gradient! }, { ...feeds, prompt }, sizes);
    const differences = at.map((x, i) => (lossOf(at.with(i, x + STEP)) - lossOf(at.with(i, x - STEP))) / (2 * STEP));
    assert.ok(relativeError(inFloat64.gradient!, differences) < 1e-6);

    // what runs is the same in float32
    const network = promptNetwork(checkpoint, options);
    const actual = await network.lossAndGradient(prompt, batch);
    await network.release();
    assert.ok(Math.abs(actual.loss - inFloat64.loss![0]!) < 1e-5 * Math.abs(actual.loss));
    assert.ok(relativeError(actual.gradient, differences) < 1e-4);

    // and in parts: runs of few rows and of the logits of few
    const inParts = promptNetwork(checkpoint, { ...options, limits: { rows: 4, ends: 3 } });
    const added = await inParts.lossAndGradient(prompt, batch);
    await inParts.release();
    assert.ok(Math.abs(added.loss - inFloat64.loss![0]!) < 1e-5 * Math.abs(added.loss));
    assert.ok(relativeError(added.gradient, differences) < 1e-4);
  });
}
