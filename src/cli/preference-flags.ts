import type { Command } from 'commander';
import { EVALUATE_PREFERENCE, PREFERENCE, PREFERENCE_FOR } from '../recommend/preference/preference-options.js';
import { REPORTING } from '../report/report-options.js';
import { addModelFlags, addOutputFlags, addThreadsFlag, addTrainingFlags } from './flags.js';
import { addOptions } from './option-flags.js';

/** `recommend preference fit|for|evaluate`. */
export function addPreferenceCommands(recommend: Command): void {
  const preference = recommend
    .command('preference')
    .enablePositionalOptions()
    .description('will this user like this item? a prompt with rows made of what is known of both');

  addTrainingFlags(addOptions(preference.command('fit'), PREFERENCE))
    .description('learn it from answers: likes and dislikes, or ratings')
    .action(async (flags) => {
      await (await import('./preference-command.js')).fitPreferenceCommand(flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(preference.command('for'), PREFERENCE_FOR))))
    .description('how likely a user is to like each candidate')
    .argument('<folder>', 'what preference fit was given as --out')
    .action(async (folder, flags) => {
      await (await import('./preference-command.js')).preferenceForCommand(folder, flags);
    });

  addOutputFlags(
    addThreadsFlag(addModelFlags(addOptions(preference.command('evaluate'), { ...EVALUATE_PREFERENCE, ...REPORTING }))),
  )
    .description('measure it on answers')
    .argument('<folder>', 'what preference fit was given as --out')
    .action(async (folder, flags) => {
      await (await import('./preference-command.js')).evaluatePreferenceCommand(folder, flags);
    });
}
