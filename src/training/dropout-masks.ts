import { Random } from '../random.js';

/** Places at which a mask can begin. */
const STARTS = 1 << 20;

/**
 * Masks for dropout (Srivastava et al. 2014): 0 with probability `rate`, else 1/(1 − rate). The coins are thrown once; a
 * mask is a window of them that begins at a random place. It costs nothing, and a seed repeats it.
 */
export interface DropoutMasks {
  /** A view of `length` numbers, to be read only. */
  draw(length: number, random: Random): Float32Array;
}

/**
 * @param rate from 0 to below 1
 * @param longest the greatest length that will be asked for
 * @param shared in memory that other threads read, too
 */
export function dropoutMasks(rate: number, longest: number, seed: number, shared = false): DropoutMasks {
  const coins = new Random(seed);
  const kept = 1 / (1 - rate);
  const limit = rate * 2 ** 32;
  const bytes = 4 * (longest + STARTS);
  const pool = new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  for (let i = 0; i < pool.length; i++) pool[i] = coins.uint32() < limit ? 0 : kept;
  return {
    draw: (length, random) => {
      const start = random.integer(STARTS);
      return pool.subarray(start, start + length);
    },
  };
}
