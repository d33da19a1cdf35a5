import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type AnswerInProgress, endOf } from './answer-in-progress.js';
import { answerText } from './answer-text.js';
import { readContext } from './begin.js';
import { constrain, type TokenConstraint } from './constraint.js';
import { NEVER, penalise } from './penalties.js';
import type { EndReason } from './request.js';

export interface BeamOptions {
  readonly ends: ReadonlySet<number>;
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
  /** How many tokens the answer may have. */
  readonly room: number;
}

interface Beam {
  readonly ids: readonly number[];
  /** Σ log P of its tokens. */
  readonly score: number;
  readonly constraint: TokenConstraint | undefined;
}

interface Finished {
  readonly ids: readonly number[];
  /** Per token, see `lengthPenalty`. */
  readonly score: number;
  readonly ended: EndReason;
}

/**
 * The answer of the highest mean log-probability among those that the likeliest partial answers lead to, as transformers
 * searches with `early_stopping=False`: an end mark counts as a token. The answer comes in one piece.
 */
export async function beamSearch(
  network: DecodingNetwork,
  answer: AnswerInProgress,
  { ends, tokenizer, room }: BeamOptions,
): Promise<void> {
  const { request, before } = answer;
  const { prompt, settings } = request;
  const { beams: count, lengthPenalty } = settings;
  const normal = (score: number, length: number) => score / length ** lengthPenalty;
  const slots = network.slots();
  let logits = await readContext(network, slots, 0, request);
  const contextRows = slots.length(0);
  let beams: Beam[] = [{ ids: [], score: 0, constraint: request.constraint?.(endOf(ends), room) }];
  const finished: Finished[] = [];
  for (let length = 1; ; length++) {
    if (answer.abandoned) throw answer.abandoned.reason;
    const words = logits.length / beams.length;
    const next = beams.flatMap((beam, slot) => {
      const scores = logSoftmax(logits.subarray(slot * words, (slot + 1) * words));
      const stands = [...before, ...beam.ids];
      if (beam.constraint !== undefined) {
        constrain(scores, beam.constraint, stands, settings);
      } else {
        penalise(scores, stands, settings);
        if (beam.ids.length < settings.minNewTokens) for (const end of ends) scores[end] = NEVER;
      }
      return highest(scores, 2 * count).map((id) => ({ slot, id, score: beam.score + scores[id]! }));
    });
    next.sort((a, b) => b.score - a.score);
    const best = next.slice(0, 2 * count).filter(({ score }) => score > NEVER);
    const last = length === room;
    const going: typeof best = [];
    best.forEach((candidate, rank) => {
      const { slot, id, score } = candidate;
      const ids = beams[slot]!.ids;
      if (ends.has(id)) {
        if (rank < count) finished.push({ ids, score: normal(score, length), ended: 'end' });
      } else if (last) {
        if (rank < count) finished.push({ ids: [...ids, id], score: normal(score, length), ended: 'length' });
      } else if (going.length < count) {
        going.push(candidate);
      }
    });
    finished.sort((a, b) => b.score - a.score);
    finished.length = Math.min(finished.length, count);
    const hope = going.length > 0 ? normal(going[0]!.score, length) : NEVER;
    if (going.length === 0 || (finished.length === count && finished.at(-1)!.score >= hope)) break;
    for (let slot = beams.length; slot < going.length; slot++) slots.copy(0, slot);
    slots.reorder(
      going.map(({ slot }) => slot),
      contextRows,
    );
    beams = going.map(({ slot, id, score }) => {
      const { ids, constraint } = beams[slot]!;
      const own = constraint?.copy();
      own?.accept(id);
      return { ids: [...ids, id], score, constraint: own };
    });
    logits = await network.step(
      slots,
      prompt,
      going.map(({ id }) => id),
    );
  }
  finish(answer, finished[0] ?? { ids: beams[0]!.ids, score: 0, ended: 'length' }, tokenizer);
}

function finish(answer: AnswerInProgress, { ids, ended }: Finished, tokenizer: Pick<Tokenizer, 'decode'>): void {
  const text = answerText(tokenizer, answer.request.settings.stop, answer.request.leadingSpace);
  for (const [place, id] of ids.entries()) {
    if (!text.push(id).stopped) continue;
    answer.queue.push(text.whole);
    answer.queue.end({ text: text.whole, ids: ids.slice(0, place + 1), ended: 'stop' });
    return;
  }
  text.finish();
  answer.queue.push(text.whole);
  answer.queue.end({ text: text.whole, ids, ended });
}

function logSoftmax(logits: Float32Array): Float32Array {
  let most = NEVER;
  for (const logit of logits) if (logit > most) most = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const shift = most + Math.log(sum);
  return logits.map((logit) => logit - shift);
}

/** The ids of the `count` highest scores, highest first. */
function highest(scores: Float32Array, count: number): number[] {
  const found: number[] = [];
  for (let id = 0; id < scores.length; id++) {
    if (found.length === count && scores[id]! <= scores[found.at(-1)!]!) continue;
    const place = found.findIndex((other) => scores[other]! < scores[id]!);
    if (place === -1) found.push(id);
    else found.splice(place, 0, id);
    if (found.length > count) found.pop();
  }
  return found;
}
