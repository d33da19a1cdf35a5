import type { Command } from 'commander';
import { count } from '../options/kind.js';
import { SINCE, WITHDRAWALS } from '../recommend/life/since-options.js';
import { addOutputFlags, addRunFlags } from './flags.js';
import { addFittedModelFlag } from './open-with-flags.js';
import { addOptions } from './option-flags.js';

/** What happens to a recommender after its fit. */
export function addLifeCommands(recommend: Command): void {
  const command = (name: string, about: string) =>
    recommend.command(name).description(about).argument('<folder>', 'the recommender');

  const update = command('update', 'tell a recommender what came since its fit; nothing is learned anew');
  addRunFlags(addThreads(addFittedModelFlag(addOptions(update, { ...SINCE, ...WITHDRAWALS })))).action(
    async (folder, flags) => {
      await (await import('./life-command.js')).updateCommand(folder, flags);
    },
  );

  const refit = command('refit', 'fit a recommender again, with its options and all it knows now; it serves meanwhile');
  addRunFlags(addThreads(addFittedModelFlag(addOptions(refit, SINCE)))).action(async (folder, flags) => {
    await (await import('./life-command.js')).refitCommand(folder, flags);
  });

  addOutputFlags(command('forget', 'remove people from a recommender, and prove it'))
    .argument('<users...>', 'their ids; or one file of ids')
    .option('--skip-unknown', 'leave out who is not known')
    .action(async (folder, users, flags) => {
      await (await import('./life-command.js')).forgetCommand(folder, users, flags);
    });

  addOutputFlags(command('inspect', "what a recommender's folder holds")).action(async (folder, flags) => {
    await (await import('./life-command.js')).inspectRecommenderCommand(folder, flags);
  });
}

const addThreads = (command: Command): Command =>
  addOptions(command, { threads: { kind: count(256), about: 'threads of the runtime', auto: 'one a core' } });
