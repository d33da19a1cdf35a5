import { checkOptions } from '../check-options.js';
import type { AdamWSettings } from './adamw.js';
import type { ScheduleSettings } from './schedule.js';

/** Everything that, with the data and the initial prompt, determines a run. */
export interface TuningSettings extends AdamWSettings, ScheduleSettings {
  /** Updates in all. */
  readonly steps: number;
  /** Examples an update. */
  readonly batchSize: number;
  /** Pieces in which a batch is computed, one after the other, to save memory; the update is the same. */
  readonly accumulation: number;
  /** Pieces of a batch that are computed by themselves, by whomever, and summed in their order; default: none. */
  readonly pieces?: number;
  /** Longest gradient, Euclidean; Infinity for no clipping. */
  readonly clipNorm: number;
  /** Updates between two validations. */
  readonly evaluateEvery: number;
  /** Validations without a new best after which the run stops; Infinity for never. */
  readonly patience: number;
  /** Whether it stops too where `overfits` says so. */
  readonly watchesOverfitting?: boolean;
  readonly seed: number;
}

/** Fails when the settings are read, not in the middle of training. @throws TUNING_SETTING */
export function checkSettings(settings: TuningSettings): void {
  const rules: readonly (readonly [keyof TuningSettings, boolean, string])[] = [
    ['steps', Number.isInteger(settings.steps) && settings.steps > 0, 'a whole number above 0'],
    ['batchSize', Number.isInteger(settings.batchSize) && settings.batchSize > 0, 'a whole number above 0'],
    [
      'accumulation',
      Number.isInteger(settings.accumulation) &&
        settings.accumulation > 0 &&
        settings.accumulation <= settings.batchSize,
      'a whole number from 1 to the batch size',
    ],
    [
      'pieces',
      settings.pieces === undefined || (Number.isInteger(settings.pieces) && settings.pieces > 0),
      'a whole number above 0',
    ],
    ['learningRate', Number.isFinite(settings.learningRate) && settings.learningRate > 0, 'a number above 0'],
    ['warmUp', settings.warmUp >= 0 && settings.warmUp < 1, 'a share from 0 to below 1'],
    ['beta1', settings.beta1 >= 0 && settings.beta1 < 1, 'a number from 0 to below 1'],
    ['beta2', settings.beta2 >= 0 && settings.beta2 < 1, 'a number from 0 to below 1'],
    ['epsilon', settings.epsilon > 0, 'a number above 0'],
    ['weightDecay', settings.weightDecay >= 0, 'a number from 0'],
    ['clipNorm', settings.clipNorm > 0, 'a number above 0'],
    ['evaluateEvery', Number.isInteger(settings.evaluateEvery) && settings.evaluateEvery > 0, 'a whole number above 0'],
    ['patience', settings.patience > 0, 'a number above 0'],
    ['seed', Number.isInteger(settings.seed), 'a whole number'],
  ];
  checkOptions(
    rules.map(([name, holds, expected]) => [name, settings[name], holds, expected]),
    'TUNING_SETTING',
  );
}
