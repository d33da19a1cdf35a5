/**
 * The gradient with respect to the prompt against PEFT's on PyTorch, float32, same weights, prompt and batch:
 * SmolLM2-135M, 16 SST-2 phrases, 20 learned tokens, cross-entropy over the full vocabulary at the label.
 *
 *   npm run build && PEER_PYTHON=/path/to/venv/bin/python node dist/compare/gradient-parity.js
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, machine, writeResult } from '../bench/machine.js';
import { CUE, GGUF, LABELS, MODEL, sst2Files } from '../bench/sst2-data.js';
import { loadExamples } from '../src/data/load-examples.js';
import { embeddingScale } from '../src/network/checkpoint/embedding-rows.js';
import { loadModel } from '../src/network/load-model.js';
import { startPrompt } from '../src/tasks/start-prompt.js';
import { textTask } from '../src/tasks/text-task.js';
import { gradientDifference } from './gradient-difference.js';

const LEARNED_TOKENS = 20;
const BATCH = 16;
const python = process.env.PEER_PYTHON;
if (python === undefined) throw new Error('Set PEER_PYTHON to a Python with torch, transformers, peft and gguf.');

const model = await loadModel(MODEL);
const task = textTask(model, {
  template: `[soft:${LEARNED_TOKENS}]{text}${CUE}{label}`,
  labels: JSON.parse(LABELS),
  maxLength: 256,
  loss: 'vocabulary',
});
const phrases = await loadExamples(sst2Files(BATCH).train, { fields: ['text'], requireLabels: true });
const batch = phrases.map((phrase) => task.compiled.encode(phrase));
const prompt = await startPrompt(task, { initialisation: 'vocabulary' }, await embeddingScale(model.checkpoint), 0);
const ours = await task.network.lossAndGradient(prompt, batch);
await task.network.release();

const request = {
  learnedTokens: LEARNED_TOKENS,
  prompt: [...prompt],
  sequences: batch.map(({ context, candidates, target }) => ({
    text: [...context.subarray(LEARNED_TOKENS)],
    label: [...candidates[target!]!],
  })),
};
const folder = mkdtempSync(join(tmpdir(), 'gradient-'));
const file = join(folder, 'request.json');
writeFileSync(file, JSON.stringify(request));
const peft = lastJson(python, ['compare/peft_gradient.py', 'answer', MODEL, file, '--gguf-file', GGUF]);
rmSync(folder, { recursive: true });

const gradient = peft.gradient as number[];
writeResult('compare/results/gradient-parity.json', {
  what: `∂loss/∂prompt of SmolLM2-135M against PEFT in float32: ${BATCH} SST-2 phrases, ${LEARNED_TOKENS} learned tokens`,
  machine: machine(),
  peer: peft.madeWith,
  ...gradientDifference(ours.gradient, gradient),
  largestSlope: gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0),
  loss: ours.loss,
  lossByPeft: peft.loss,
});
