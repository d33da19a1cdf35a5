import type { RankingReport } from '../evaluation/ranking/ranking-report.js';
import type { Interval } from '../evaluation/resampling.js';
import type { PartHooks, Parts } from '../jobs/parts.js';
import type { LoadModelOptions } from '../network/load-model.js';
import type { EpochLine } from '../training/train-network.js';
import type { Choice } from './choices.js';
import type { ComparedModel } from './compared-model.js';
import type { LikenessSettings } from './likeness.js';
import type { MixtureSettings } from './mixture.js';
import type { RankingVerdict } from './ranking-verdict.js';
import type { TrendSettings } from './trend.js';

/** What a network is told: of the items, and of the users; or which baseline it is. */
export type NetworkName =
  | 'ids'
  | 'ids and texts'
  | 'ids and fixed texts'
  | 'ids and users'
  | 'ids, texts and users'
  | 'BPR-MF'
  | 'GRU4Rec'
  | 'BERT4Rec';

/** What a fit tells while it goes. */
export type FitEvent =
  | { readonly event: 'note'; readonly text: string }
  | { readonly event: 'stage'; readonly text: string }
  | { readonly event: 'model'; readonly source: string; readonly layers: number; readonly width: number }
  | {
      readonly event: 'data';
      readonly users: number;
      readonly items: number;
      readonly interactions: number;
      readonly protocol: string;
    }
  | { readonly event: 'reading'; readonly done: number; readonly all: number }
  | ({
      readonly event: 'epoch';
      readonly network: NetworkName;
      readonly epochs: number;
      readonly interactionsPerSecond: number;
      /** NDCG@10. */
      readonly validation: number;
    } & EpochLine)
  /** A look at held-out items while the reading is learned. */
  | ({
      readonly event: 'reading-epoch';
      readonly epochs: number;
      /** NDCG@10 of held-out items among themselves. */
      readonly validation: number;
    } & EpochLine)
  /** An epoch of the network that learns from everything and serves; nothing is left to validate it by. */
  | {
      readonly event: 'refit';
      readonly epoch: number;
      readonly epochs: number;
      readonly interactionsPerSecond: number;
      /** Mean loss of the epoch's batches. */
      readonly trainLoss: number;
    }
  | ({
      readonly event: 'mixture';
      readonly itemItem: 'ease' | 'easeTexts' | 'itemKnn';
      /** NDCG@10 of validation of the item-item model alone, and of the mixture. */
      readonly itemItemNdcg: number;
      readonly validNdcg: number;
    } & MixtureSettings)
  | ({ readonly event: 'choice' } & Choice);

export interface FitHooks extends LoadModelOptions, PartHooks {
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
  /** Ends the fit after the update at hand; it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly parts?: Parts | undefined;
}

/** Means over users by name, such as `ndcg@10`. */
type Figures = Readonly<Record<string, number>>;

/** What a fit came to; the figures are missing when it was interrupted. */
export interface FitResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  /** Whether the folder holds users and their histories. */
  readonly holdsPeople?: boolean;
  /** In words, beside what costs nothing. */
  readonly verdict?: RankingVerdict;
  readonly valid?: Figures;
  readonly test?: Figures;
  /** Of the test part, without the item-item model. */
  readonly networkAlone?: Figures;
  /** 95 % bootstrap intervals of the test figures. */
  readonly intervals?: Readonly<Record<string, Interval>>;
  /** What the lists of ten are like: see `RankingReport`. */
  readonly lists?: RankingReport['lists'];
  /** Whether the texts of the items were worth it. */
  readonly text?: boolean;
  /** Whether the tokens of the users were. */
  readonly users?: boolean;
  /** null where the network alone was best. */
  readonly mixture?: MixtureSettings | null;
  /** null where likeness of texts gained nothing. */
  readonly likeness?: LikenessSettings | null;
  /** null where what is popular lately gained nothing, or was not tried: it is where `split` is `time`. */
  readonly trend?: TrendSettings | null;
  /** What was chosen by validation, and what each alternative gained. */
  readonly choices?: readonly Choice[];
  readonly epochs?: number;
  readonly bestEpoch?: number;
  /** What the network that serves has learned from, which the figures do not judge; null: the one that was measured serves. */
  readonly refit?: { readonly interactions: number; readonly epochs: number; readonly seconds: number } | null;
  /** How data was split and judged, in words. */
  readonly protocol?: string;
  readonly baselines?: readonly ComparedModel[];
  readonly seconds: number;
  /** Of training alone, the median of the epochs. */
  readonly interactionsPerSecond: number;
  readonly peakRssMib: number;
}
