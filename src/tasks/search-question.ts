import { z } from 'zod';
import { judgeScores } from '../evaluation/judgement.js';
import { optionsToJson } from '../jobs/options-json.js';
import type { Answers } from '../jobs/questions.js';
import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import type { AnsweringWork } from '../queue/work.js';
import type { TuningSettings } from '../training/settings.js';
import { tune } from '../training/tune.js';
import type { TuningState } from '../training/tuning-state.js';
import { type DescribedNetwork, readDescribedNetwork } from './described-network.js';
import { stateFromBytes, stateToBytes } from './state-bytes.js';
import { candidateScoring, targetsOf } from './task.js';
import { floatsOf, workerNetwork, workerSequences } from './worker-network.js';

/** Under which name workers know the question how far a candidate of a search comes. */
export const TRY = 'try';

const asked = z.object({
  ...{ model: z.string(), network: z.unknown() },
  /** As the store names them. */
  ...{ train: z.string(), valid: z.string() },
  /** As `optionsToJson` writes them. */
  settings: z.string(),
  pauseAt: z.int().positive(),
  /** Where it starts, float32, as the store names it. */
  initial: z.string(),
  /** Where it goes on from, likewise. */
  state: z.string().optional(),
});
const answered = z.object({
  validation: z.object({
    accuracy: z.number(),
    loss: z.number(),
    macroF1: z.number().optional(),
    examples: z.int().optional(),
  }),
  state: z.string(),
  seconds: z.number(),
});

/** A try that others make. */
export interface SearchTry {
  readonly name: string;
  readonly network: DescribedNetwork;
  readonly train: string;
  readonly valid: string;
  readonly settings: TuningSettings;
  readonly pauseAt: number;
  readonly initial: Float32Array;
  readonly state: TuningState | undefined;
}

/** Has a candidate trained by others up to an update. */
export async function tryElsewhere(
  answers: Answers,
  { name, settings, initial, state, ...said }: SearchTry,
  signal?: AbortSignal,
) {
  const bytes = new Uint8Array(initial.buffer, initial.byteOffset, initial.byteLength);
  const question = {
    ...{ ...said, settings: optionsToJson(settings), initial: await answers.keep(bytes) },
    ...(state && { state: await answers.keep(await stateToBytes(state)) }),
  };
  const [answer] = await answers.ask([{ name, asked: question }], signal);
  const { validation, state: kept, seconds } = answered.parse(answer);
  return { validation, state: await stateFromBytes(await answers.content(kept)), seconds };
}

/** Trains a candidate of a search a little further, and validates it. */
export const tryWork: AnsweringWork = {
  answer: async (question) => {
    const started = performance.now();
    const { content, keep, signal } = question;
    const { model, network: said, train, valid, settings: text, pauseAt, ...places } = asked.parse(question.plan);
    const described = readDescribedNetwork(said);
    const { network } = await workerNetwork(question, model, described);
    const judges = await workerSequences(valid, question);
    const initial = floatsOf(await content(places.initial));
    const { score } = candidateScoring(network, judges[0]!.candidates.length);
    const { keepNear }: Method = METHODS[described.method];
    const validate = async (prompt: Float32Array) =>
      judgeScores(await score(prompt, judges, { signal }), targetsOf(judges));
    const { state } = await tune({
      ...{ network, train: await workerSequences(train, question), initial, validate, signal, pauseAt },
      settings: endless(JSON.parse(text)),
      keepNear: keepNear && ((prompt) => keepNear(prompt, initial, described.tokens, described.methodOptions)),
      state: places.state === undefined ? undefined : await stateFromBytes(await content(places.state)),
    });
    signal.throwIfAborted();
    const { best } = state;
    const validation = best?.step === state.step ? best.validation : await validate(state.weights.prompt!);
    const kept = await keep(await stateToBytes(state));
    return { validation, state: kept, seconds: (performance.now() - started) / 1000 };
  },
};

/** Settings that JSON has no sign for. */
const endless = (settings: Record<keyof TuningSettings, unknown>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value === 'Infinity' ? Number.POSITIVE_INFINITY : value]),
  ) as unknown as TuningSettings;
