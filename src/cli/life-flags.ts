import type { Command } from 'commander';
import { MOVED_MODEL } from '../network/loading-options.js';
import { FORGETTING, SINCE, WITHDRAWALS } from '../recommend/life/since-options.js';
import { THREADS } from '../runtime/runtime-options.js';
import { addOutputFlags, addRunFlags } from './flags.js';
import { addOptions } from './option-flags.js';

/** What happens to a recommender after its fit. */
export function addLifeCommands(recommend: Command): void {
  const command = (name: string, about: string) =>
    recommend.command(name).description(about).argument('<folder>', 'the recommender');

  const update = command('update', 'add interactions and items that came since the fit; nothing is retrained');
  addRunFlags(addThreads(addOptions(update, { ...SINCE, ...WITHDRAWALS, ...MOVED_MODEL }))).action(
    async (folder, flags) => {
      await (await import('./life-command.js')).updateCommand(folder, flags);
    },
  );

  const refit = command('refit', 'fit a recommender again, with its options and all interactions; it serves meanwhile');
  addRunFlags(addThreads(addOptions(refit, { ...SINCE, ...MOVED_MODEL }))).action(async (folder, flags) => {
    await (await import('./life-command.js')).refitCommand(folder, flags);
  });

  addOutputFlags(addOptions(command('forget', 'remove users from a recommender, and prove it'), FORGETTING))
    .argument('<users...>', 'their ids; or one file of ids')
    .action(async (folder, users, flags) => {
      await (await import('./life-command.js')).forgetCommand(folder, users, flags);
    });

  addOutputFlags(command('inspect', "what a recommender's folder holds")).action(async (folder, flags) => {
    await (await import('./life-command.js')).inspectRecommenderCommand(folder, flags);
  });
}

const addThreads = (command: Command): Command => addOptions(command, THREADS);
