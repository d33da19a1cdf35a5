import { checkOptions, type OptionRule } from '../check-options.js';

/** That options which count something, where they are given, are whole numbers above 0. @throws RECOMMEND_OPTION */
export function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  const rules = Object.entries(counts).map(([name, value]): OptionRule => {
    const holds = value === undefined || (Number.isInteger(value) && value > 0);
    return [name, value, holds, 'a whole number above 0'];
  });
  checkOptions(rules, 'RECOMMEND_OPTION');
}
