import type { Answers } from '../jobs/questions.js';
import type { Method } from '../methods/method.js';
import { METHODS } from '../methods/registry.js';
import { type FrozenModel, lastingSource } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { type SearchResult, searchSettings } from '../training/search.js';
import { defaultCandidates, type TuningCandidate } from '../training/search-candidates.js';
import { tune } from '../training/tune.js';
import type { TuningState } from '../training/tuning-state.js';
import { type SearchTry, TRY, tryElsewhere } from './search-question.js';
import { sequencesToBytes } from './sequence-lines.js';
import { startPrompt } from './start-prompt.js';
import type { TaskData } from './task-data.js';
import { encodeData, type TaskSequences } from './task-sequences.js';
import { type TextTask, textTask } from './text-task.js';
import { keptNear } from './train-task.js';
import { NO_WORKER, scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';
import { type InitialisationName, type LearnPlan, resolveSettings } from './tune-options.js';

type Candidate = TuningCandidate<InitialisationName>;

/** Searches learning rate, prompt length and initialisation for `searchMinutes`, by workers where a queue was named; see `searchSettings`. */
export async function searchRun(
  model: FrozenModel,
  all: TaskData,
  plan: LearnPlan & { readonly searchMinutes: number },
  scale: number,
  hooks: TuneHooks,
): Promise<SearchResult<Candidate, TuningState>> {
  const data = inOnePart(all);
  const counts = { trainExamples: data.train.length, validExamples: data.valid.length, scale };
  const { learningRate, seed } = resolveSettings(plan, counts);
  const { starts }: Method = METHODS[plan.method];
  const searched = (['vocabulary', 'labels', 'random'] as const).filter((kind) => starts.includes(kind));
  const first = plan.initialisation ?? (starts[0] as InitialisationName);
  const others = await triesElsewhere(model, hooks);
  const kept = new Map<string, Promise<Pick<SearchTry, 'train' | 'valid'>>>();
  const keep = (template: string, { answers }: Others, sequences: TaskSequences) => {
    const both = async () => ({
      train: await answers.keep(sequencesToBytes(sequences.train)),
      valid: await answers.keep(sequencesToBytes(sequences.valid)),
    });
    const made = kept.get(template) ?? both();
    kept.set(template, made);
    return made;
  };
  // one network at a time: each holds the activations of a batch
  let open: { readonly template: string; readonly task: TextTask; readonly sequences: TaskSequences } | undefined;
  const openTask = async (template: string) => {
    if (open?.template === template) return open;
    await open?.task.network.release();
    const task = textTask(model, { ...plan, template });
    open = { template, task, sequences: await encodeData(task, data, hooks.signal) };
    return open;
  };
  try {
    return await searchSettings<Candidate, TuningState>({
      candidates: defaultCandidates(parseTemplate(plan.template), learningRate, [first, ...searched]),
      budgetSeconds: plan.searchMinutes * 60,
      ...{ seed, atOnce: others?.workers ?? 1 },
      signal: hooks.signal,
      ...(hooks.onEvent === undefined ? {} : { onEvent: hooks.onEvent }),
      run: async (candidate, share, state) => {
        const { task, sequences } = await openTask(candidate.template);
        const settings = resolveSettings({ ...plan, ...candidate }, counts);
        const validate = (prompt: Float32Array) =>
          task.validate(prompt, sequences.valid, scoringHooks(VALIDATING, hooks));
        const initial = await startPrompt(task, candidate, scale, seed, [...task.compiled.labels.values()]);
        const pauseAt = Math.max(1, Math.round(share * settings.steps));
        const paused = { ...settings, evaluateEvery: settings.steps };
        if (others) {
          const name = `rate ${candidate.learningRate.toPrecision(2)}, ${candidate.initialisation}, ${candidate.template}`;
          const places = await keep(candidate.template, others, sequences);
          const what = { name, network: task.described!, ...places, settings: paused, pauseAt, initial, state };
          return tryElsewhere(others.answers, what, hooks.signal);
        }
        const outcome = await tune({
          network: task.network,
          train: sequences.train,
          initial,
          keepNear: keptNear(task, initial),
          ...{ settings: paused, state, validate, pauseAt },
          signal: hooks.signal,
        });
        const last = outcome.state.best;
        const validation =
          last?.step === outcome.state.step ? last.validation : await validate(outcome.state.weights.prompt!);
        return { validation, state: outcome.state };
      },
    });
  } finally {
    await others?.answers.close();
    await open?.task.network.release();
  }
}

interface Others {
  readonly answers: Answers;
  readonly workers: number;
}

/** Those who make tries on a queue, where one was named. */
async function triesElsewhere(
  { checkpoint }: FrozenModel,
  { elsewhere, onEvent }: TuneHooks,
): Promise<Others | undefined> {
  if (elsewhere === undefined) return undefined;
  const model = lastingSource(checkpoint);
  const inputs = { model: checkpoint.hash };
  const answers = await elsewhere.open({ work: TRY, plan: { model }, inputs, files: [model] });
  const workers = await answers.workers();
  if (workers === 0) onEvent?.({ event: 'note', text: NO_WORKER });
  return { answers, workers: Math.max(1, workers) };
}

/** Rows that validate one another, as training rows and the first part to validate. */
function inOnePart({ folds, ...data }: TaskData): TaskData {
  if (folds === undefined) return data;
  const part = (judges: boolean) => data.train.filter((_, row) => (folds[row] === 0) === judges);
  return { ...data, train: part(false), valid: part(true) };
}
