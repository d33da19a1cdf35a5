import { SoftpromptError } from '../errors.js';
import { eachOption, flagOf, type Option, type Options, saysNo } from '../options/option.js';
import { EXPLANATION, EXPLANATION_ALONE } from '../recommend/explanations/explanation-options.js';
import { TUNE } from '../tasks/tune-options.js';
import type { Flags } from './option-flags.js';

/** Flags of options by the names that commander gives them. */
const flagsOf = (options: Options): Map<string, Option> =>
  new Map(
    [...eachOption(options)].flatMap(([path, option]): [string, Option][] => {
      const flag = flagOf(path.slice(path.lastIndexOf('.') + 1), option);
      if (flag === null) return [];
      return [[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), option]];
    }),
  );

/** `tune` has the flags of all tasks; those of another one would change nothing. @throws FLAG_CONFLICT */
export function checkTaskFlags(flags: Flags): void {
  const explains = flags.task === 'explain';
  const own = flagsOf(explains ? EXPLANATION : TUNE);
  const others = flagsOf(explains ? TUNE : EXPLANATION_ALONE);
  for (const [name, option] of others) {
    const value = flags[name];
    if (own.has(name) || name === 'task' || value === undefined || (saysNo(option) && value === true)) continue;
    const flag = `--${saysNo(option) ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: `${flag} for the task ${flags.task ?? TUNE.task.default}`,
      expected: explains ? 'flags of explanations' : 'flags of texts: this one belongs to --task explain',
      fix: explains ? `Leave ${flag} out.` : `Leave ${flag} out, or learn to explain (--task explain).`,
    });
  }
}
