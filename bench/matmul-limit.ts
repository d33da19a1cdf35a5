import * as op from '../src/autodiff/build.js';
import { median } from '../src/evaluation/percentile.js';
import type { ModelConfig } from '../src/network/checkpoint/config.js';
import { compile } from '../src/runtime/program.js';
import { compileTeam } from '../src/runtime/program-team.js';

/**
 * What ONNX Runtime reaches at most on this machine, in GFLOP/s: a long chain of products in the shape of the model's
 * feed-forward block and nothing else.
 * @param together whether the chain runs on each thread of a team at once, as the parts of an update of a network do
 */
export async function matmulLimit(rows = 304, together = false): Promise<number> {
  const [width, inner, pairs] = [576, 1536, 20];
  const up = op.input('up', [inner, width]);
  const down = op.input('down', [width, inner]);
  let x = op.input('x', [rows, width]);
  for (let i = 0; i < pairs; i++) x = op.linear(op.linear(x, up), down);
  const programs = together ? await compileTeam({ y: x }) : [await compile({ y: x })];
  const feeds = {
    x: new Float32Array(rows * width).fill(0.01),
    up: new Float32Array(inner * width).fill(0.001),
    down: new Float32Array(inner * width).fill(0.001),
  };
  const seconds: number[] = [];
  for (let i = 0; i < 30; i++) {
    const started = performance.now();
    await Promise.all(programs.map((program) => program.run(feeds)));
    if (i >= 5) seconds.push((performance.now() - started) / 1000);
  }
  for (const program of programs) await program.release();
  return (programs.length * 2 * 2 * rows * width * inner * pairs) / median(seconds) / 1e9;
}

/** Weights of a layer's seven products. */
export function weightsALayer({ hiddenSize, intermediateSize, headSize, heads, keyValueHeads }: ModelConfig): number {
  return hiddenSize * headSize * (2 * heads + 2 * keyValueHeads) + 3 * hiddenSize * intermediateSize;
}
