import type { ClassificationReport } from '../../evaluation/classification-report.js';

/** How good a prompt is: what it was sought by, and what it was not. */
export interface JudgedReport {
  /** Mean −log p of the right labels, in nats. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly valid: ClassificationReport;
  readonly test?: ClassificationReport | undefined;
}
