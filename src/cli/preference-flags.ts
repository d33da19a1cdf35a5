import type { Command } from 'commander';
import { PREFERENCE, PREFERENCE_TEST } from '../recommend/preference/preference-options.js';
import { addModelFlags, addOutputFlags, addRunFlags, addThreadsFlag } from './flags.js';
import { addOptions } from './option-flags.js';

/** `recommend preference fit|for|evaluate`. */
export function addPreferenceCommands(recommend: Command): void {
  const preference = recommend
    .command('preference')
    .enablePositionalOptions()
    .description('will this person like this thing? a prompt with rows made of what is known of both');

  addRunFlags(addOptions(preference.command('fit'), PREFERENCE))
    .description('learn it from answers: likes and dislikes, or ratings')
    .action(async (flags) => {
      await (await import('./preference-command.js')).fitPreferenceCommand(flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(preference.command('for'))))
    .description('how likely somebody is to like each candidate')
    .argument('<folder>', 'what preference fit was given as --out')
    .option('--user <id>', 'a user of the answers')
    .option('--history <a,b,c>', 'items that a new user liked, the oldest first; a JSON list where ids hold commas')
    .option('--disliked <a,b,c>', 'items that he did not like')
    .option('--candidates <a,b,c>', 'items to judge')
    .option('--explain', 'how far each answer falls where one source tells nothing')
    .option('--model <model>', 'another place of the frozen model')
    .action(async (folder, flags) => {
      await (await import('./preference-command.js')).preferenceForCommand(folder, flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(preference.command('evaluate'), PREFERENCE_TEST))))
    .description('measure it on answers')
    .argument('<folder>', 'what preference fit was given as --out')
    .option('--data <file>', 'answers')
    .option('--model <model>', 'another place of the frozen model')
    .action(async (folder, flags) => {
      await (await import('./preference-command.js')).evaluatePreferenceCommand(folder, flags);
    });
}
