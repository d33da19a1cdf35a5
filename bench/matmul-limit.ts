import * as op from '../src/autodiff/build.js';
import { compile } from '../src/autodiff/program.js';

import { median } from '../src/evaluation/percentile.js';

/**
 * What ONNX Runtime reaches at most on this machine, in GFLOP/s: a long chain of products in the shape of the model's
 * feed-forward block and nothing else.
 */
export async function matmulLimit(rows = 304, width = 576, inner = 1536, pairs = 20): Promise<number> {
  const up = op.input('up', [inner, width]);
  const down = op.input('down', [width, inner]);
  let x = op.input('x', [rows, width]);
  for (let i = 0; i < pairs; i++) x = op.linear(op.linear(x, up), down);
  const program = await compile({ y: x });
  const feeds = {
    x: new Float32Array(rows * width).fill(0.01),
    up: new Float32Array(inner * width).fill(0.001),
    down: new Float32Array(inner * width).fill(0.001),
  };
  const seconds: number[] = [];
  for (let i = 0; i < 30; i++) {
    const started = performance.now();
    await program.run(feeds);
    if (i >= 5) seconds.push((performance.now() - started) / 1000);
  }
  await program.release();
  return (2 * 2 * rows * width * inner * pairs) / median(seconds) / 1e9;
}
