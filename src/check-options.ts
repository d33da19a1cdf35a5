import { type ErrorCode, SoftpromptError } from './errors.js';

/** The name of an option, its value, whether that may be, and what is expected. */
export type OptionRule = readonly [name: string, value: unknown, holds: boolean, expected: string];

/** @throws `code` for the first rule that does not hold */
export function checkOptions(rules: readonly OptionRule[], code: ErrorCode): void {
  for (const [name, value, holds, expected] of rules) {
    if (holds) continue;
    throw new SoftpromptError(code, {
      found: `The option ${name} is ${value}`,
      expected,
      fix: 'Correct the option, or leave it out to use the default.',
    });
  }
}
