import type { Random } from '../random.js';
import type { DecodingSettings } from './decoding-options.js';

export type DrawSettings = Pick<DecodingSettings, 'temperature' | 'topK' | 'topP' | 'minP'>;

/** The next token by its logits [V]: the likeliest one (the first of equals), or one that is drawn. */
export function chooseToken(logits: Float32Array, settings: DrawSettings, random: Random): number {
  return settings.temperature === 0 ? likeliest(logits) : draw(logits, settings, random);
}

/** The first of the highest logits. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** In transformers' order: temperature, the k likeliest, the nucleus, the least share. */
function draw(logits: Float32Array, { temperature, topK, topP, minP }: DrawSettings, random: Random): number {
  const highest = logits[likeliest(logits)]!;
  let candidates: Candidate[] = [];
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    const weight = Math.exp((logits[id]! - highest) / temperature);
    if (weight === 0) continue;
    sum += weight;
    candidates.push({ id, weight });
  }
  if (topK > 0 && topK < candidates.length) {
    candidates = likeliestOf(candidates, topK);
    sum = total(candidates);
  }
  if (topP < 1) {
    // what is rarer than this cannot be among the fewest that reach the sum
    const least = (sum * (1 - topP)) / candidates.length;
    const common = candidates.filter(({ weight }) => weight >= least).sort(byWeight);
    let reached = 0;
    const end = common.findIndex(({ weight }) => {
      reached += weight;
      return reached >= topP * sum;
    });
    candidates = end === -1 ? common : common.slice(0, end + 1);
    sum = total(candidates);
  }
  if (minP > 0) {
    candidates = candidates.filter(({ weight }) => weight >= minP);
    sum = total(candidates);
  }
  let rest = random.uniform() * sum;
  for (const { id, weight } of candidates) {
    rest -= weight;
    if (rest < 0) return id;
  }
  return candidates.at(-1)!.id;
}

interface Candidate {
  readonly id: number;
  /** Its probability, in units of the likeliest one's. */
  readonly weight: number;
}

const byWeight = (a: Candidate, b: Candidate) => b.weight - a.weight || a.id - b.id;
const total = (candidates: readonly Candidate[]) => candidates.reduce((sum, { weight }) => sum + weight, 0);

function likeliestOf(candidates: readonly Candidate[], count: number): Candidate[] {
  const weights = Float64Array.from(candidates, ({ weight }) => weight).sort();
  const least = weights[weights.length - count]!;
  // transformers keeps all that are as likely as the last one
  return candidates.filter(({ weight }) => weight >= least);
}
