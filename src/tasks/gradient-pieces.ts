import { SoftpromptError } from '../errors.js';
import type { Elsewhere } from '../jobs/parts.js';
import type { Answers } from '../jobs/questions.js';
import { lastingSource } from '../network/load-model.js';
import { learnedCount } from '../network/trainable.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { CutUpdate, PieceGradients } from '../training/pieces.js';
import type { TuningSettings } from '../training/settings.js';
import { GRADIENT, type GradientPlan, type GradientQuestion, readGradient, toBase64 } from './gradient-question.js';
import { sequencesToBytes } from './sequence-lines.js';
import type { Task } from './task.js';
import { NO_WORKER, type TuneHooks } from './tune-events.js';

/** Computations and ways that are measured; the shortest counts. */
const TRIES = 3;
/** What takes so long need not be measured once more. */
const LONG_SECONDS = 1;

/** Pieces of updates by whoever else there is. */
export interface ElsewherePieces {
  /** See `TuningRun.pieces`. */
  readonly gradients: (here: PieceGradients, train: readonly PromptSequence[]) => PieceGradients;
  close(): Promise<void>;
}

/** Undefined where all is computed here. @throws TUNING_SETTING for what is too large to travel */
export function piecesElsewhere(
  task: Task<never>,
  { pieces, seed }: TuningSettings,
  hooks: TuneHooks,
): ElsewherePieces | undefined {
  const { elsewhere } = hooks;
  if (elsewhere === undefined || pieces === undefined || hooks.parts?.only !== undefined) return undefined;
  if (task.described === undefined) return undefined;
  if (task.method === 'full') throw tooLarge(task);
  return new Pieces(task, elsewhere, pieces, seed, hooks);
}

/** One training. */
class Pieces implements ElsewherePieces {
  private answers: Promise<Answers> | undefined;
  private isHere: boolean | undefined;
  private readonly kept = new Map<readonly PromptSequence[], Promise<string>>();

  constructor(
    private readonly task: Task<never>,
    private readonly elsewhere: Elsewhere,
    private readonly pieces: number,
    private readonly seed: number,
    private readonly hooks: TuneHooks,
  ) {}

  readonly gradients: ElsewherePieces['gradients'] = (here, train) => async (learned, update) => {
    this.isHere ??= await this.isShort(here, train, learned, update);
    if (this.isHere) return here(learned, update);
    const answers = await this.open();
    const text = toBase64(learned);
    const data = await this.keep(train);
    const questions = update.pieces.map((rows, place) =>
      this.question({ ...update, place, rows, data, learned: text }),
    );
    return (await answers.ask(questions, this.hooks.signal)).map(readGradient);
  };

  async close(): Promise<void> {
    await (await this.answers)?.close();
  }

  /** Whether the way to others takes longer than a piece: measured, and told. */
  private async isShort(
    here: PieceGradients,
    train: readonly PromptSequence[],
    learned: Float32Array,
    update: CutUpdate,
  ): Promise<boolean> {
    const { onEvent, signal, elsewhere } = this.hooks;
    const answers = await this.open();
    const data = await this.keep(train);
    const workers = await answers.workers();
    if (workers === 0) onEvent?.({ event: 'note', text: NO_WORKER });
    const piece = { ...update, pieces: update.pieces.slice(0, 1) };
    const pieceSeconds = await shortest(() => here(learned, piece));
    const text = toBase64(learned);
    const way = { ...update, place: 0, rows: [], data, learned: text };
    let number = 0;
    const queueSeconds = await shortest(async () => {
      // another step each time: the same question is asked once
      await answers.ask([this.question({ ...way, step: update.step + number++ })], signal);
    });
    const isHere = queueSeconds >= pieceSeconds && elsewhere?.evenIfSlower !== true;
    onEvent?.({
      ...{ event: 'pieces', pieces: this.pieces, workers, pieceSeconds, queueSeconds },
      where: isHere ? 'here' : 'queue',
    });
    if (isHere) await this.close();
    return isHere;
  }

  private question({ step, place, rows, exampleWeight, data, learned }: GradientQuestion) {
    return { name: `step ${step + 1}, piece ${place + 1}`, asked: { step, place, rows, exampleWeight, data, learned } };
  }

  private open(): Promise<Answers> {
    const { model, described } = this.task;
    const { checkpoint } = model;
    const plan: GradientPlan = { model: lastingSource(checkpoint), network: described!, seed: this.seed };
    this.answers ??= this.elsewhere.open({
      work: GRADIENT,
      plan: { ...plan },
      inputs: { model: checkpoint.hash },
      files: [plan.model],
    });
    return this.answers;
  }

  private keep(train: readonly PromptSequence[]): Promise<string> {
    const known = this.kept.get(train) ?? this.open().then((answers) => answers.keep(sequencesToBytes(train)));
    this.kept.set(train, known);
    return known;
  }
}

async function shortest(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const started = performance.now();
    await run();
    const seconds = (performance.now() - started) / 1000;
    least = Math.min(least, seconds);
    if (attempt > 0 && seconds > LONG_SECONDS) break;
  }
  return least;
}

const tooLarge = ({ trainable }: Task<never>): SoftpromptError =>
  new SoftpromptError('TUNING_SETTING', {
    found: `Pieces on a queue (--pieces, --on) of the method full: ${Math.round((4 * learnedCount(trainable)) / 2 ** 20)} MiB would travel there and back with each`,
    expected: 'a method that learns few numbers: soft, prefix, p-tuning, lora …',
    fix: 'Leave out --on, or choose another method (--method).',
  });
