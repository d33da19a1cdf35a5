import { SoftpromptError } from '../../errors.js';

/** @throws BASELINE_SETTING where the setting is not within its bounds, both allowed */
export function checkSetting(name: string, value: number, low: number, high = Number.POSITIVE_INFINITY): void {
  if (value >= low && value <= high) return;
  throw new SoftpromptError('BASELINE_SETTING', {
    found: `${name} ${value}`,
    expected: high === Number.POSITIVE_INFINITY ? `a number from ${low}` : `a number from ${low} to ${high}`,
    fix: `Choose another ${name}.`,
  });
}
