import type { Command } from 'commander';
import { PROFILE_TUNING } from '../recommend/learn-profile.js';
import { addDataFlags, type DataFlags } from './data-flags.js';
import { addRunFlags, count, countUpTo, finiteNumber, shareBelowOne } from './flags.js';
import { addOptions, type Flags } from './option-flags.js';

/** What `softprompt recommend profile` can be told. */
export type ProfileFlags = Omit<DataFlags, 'split' | 'to'> &
  Flags & {
    readonly template?: string;
    readonly labels?: string;
    readonly attribute?: string;
    readonly ranges?: number;
    readonly cuts?: readonly number[];
    readonly titleColumn?: string;
    readonly maxItems?: number;
  };

export function addProfileFlags(command: Command): Command {
  return addRunFlags(addOptions(addDataFlags(command), PROFILE_TUNING))
    .option('--attribute <column>', 'what is predicted: a column of the users')
    .option('--template <template>', "with the slot {history}, such as '[soft:20]{history|keep=end} Gender:{label}'")
    .option('--labels <json>', 'value → word in the text (default: the value itself)')
    .option('--ranges <n>', 'ranges that numbers such as an age are cut into (default: 4)', countUpTo(1000))
    .option('--cuts <a,b,c>', 'where the second and each later range begins, instead', (text) =>
      text.split(',').map(finiteNumber),
    )
    .option('--title-column <name>', 'column of the items that a history is told by (default: their title or name)')
    .option('--max-items <n>', 'latest items of a history that are told (default: 30)', count)
    .option('--min-rating <x>', 'leave out interactions rated lower', finiteNumber)
    .option('--test-share <share>', 'share of the users that tests (default: 0.2)', shareBelowOne);
}
