import type { PairedDifference } from '../evaluation/resampling.js';
import type { MeasuredRanking } from './measure-ranking.js';

/** What is told of a model beside the recommender: its figures, and how the recommender's NDCG@10 differs. */
export interface ComparedModel extends Omit<MeasuredModel, 'report' | 'targets' | 'run'> {
  readonly test: MeasuredRanking['report']['figures'];
  readonly intervals: MeasuredRanking['report']['intervals']['figures'];
  readonly lists: MeasuredRanking['report']['lists'];
  readonly itemGroups: MeasuredRanking['report']['itemGroups'];
  /** The recommender's figure less this model's. */
  readonly difference: ModelComparison;
}

/** A recommender that others are measured against. */
export interface MeasuredModel extends MeasuredRanking {
  readonly name: string;
  /** What validation chose, of how many. */
  readonly settings?: Readonly<Record<string, number>>;
  readonly trials?: number;
  /** NDCG@10 of validation. */
  readonly validNdcg?: number;
}

/** How a recommender's figure differs from another's, on the same users. */
export interface ModelComparison extends PairedDifference {
  readonly metric: 'ndcg@10';
}
