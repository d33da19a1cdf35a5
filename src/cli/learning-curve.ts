import { sparkline } from './sparkline.js';

/** What was seen at a validation of one run. */
export interface SeenFigures {
  /** Updates or epochs done. */
  readonly at: number;
  readonly loss: number;
  /** What chooses; missing where nothing is validated. */
  readonly score?: number | undefined;
  readonly best?: boolean | undefined;
}

/** How a run's figures are told. */
export interface CurveWords {
  /** Of the run, such as `ids and texts`. */
  readonly name: string;
  readonly unit: 'steps' | 'epochs';
  /** Of what chooses, such as `NDCG@10`. */
  readonly score?: string | undefined;
  readonly format: (score: number) => string;
}

const WIDTH = 24;

/** The validations of one run, in a line. */
export class LearningCurve {
  private readonly seen: SeenFigures[] = [];

  constructor(readonly words: CurveWords) {}

  add(figures: SeenFigures): void {
    this.seen.push(figures);
  }

  /** What stands beside a bar while it goes on. */
  detail(): string {
    const { loss } = this.seen.at(-1)!;
    const { score, format } = this.words;
    const best = this.best();
    return `loss ${loss.toFixed(3)}${best?.score === undefined ? '' : `, best ${score} ${format(best.score)}`}`;
  }

  /** The whole run, when it has ended. */
  summary(): string {
    const { name, unit, score, format } = this.words;
    const losses = this.seen.map(({ loss }) => loss);
    const scores = this.seen.flatMap((figures) => (figures.score === undefined ? [] : [figures.score]));
    const best = this.best();
    const learned = `Learned ${name}: ${this.seen.at(-1)!.at} ${unit}, loss ${sparkline(losses, WIDTH)} ${losses[0]!.toFixed(3)} to ${losses.at(-1)!.toFixed(3)}`;
    if (best?.score === undefined) return learned;
    return `${learned}, ${score} ${sparkline(scores, WIDTH)} best ${format(best.score)} after ${best.at}`;
  }

  private best(): SeenFigures | undefined {
    return this.seen.findLast(({ best }) => best);
  }
}

/** A validation's line, marked where it is the best until then. */
export const marked = (line: string, best: boolean): string => (best ? `${line}   best` : line);
