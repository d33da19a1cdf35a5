import { Command } from 'commander';
import { EXPORT_INTERACTIONS, FORGET_USER } from '../interaction-store/store-options.js';
import { packageVersion } from '../package-version.js';
import { AUDIENCE } from '../recommend/selection-options.js';
import { SERVE } from '../server/serve-options.js';
import { COMPARE } from '../tasks/comparison/compare-options.js';
import { DECODING, GENERATING } from '../tasks/generate-options.js';
import { TRANSFER } from '../tasks/transfer/transfer-options.js';
import { TUNE } from '../tasks/tune-options.js';
import { addDataFlags, addFilterFlags, addWritingFlags } from './data-flags.js';
import {
  addModelFlags,
  addOutputFlags,
  addRunFlags,
  addRuntimeFlag,
  addThreadsFlag,
  count,
  seedNumber,
} from './flags.js';
import { JSON_SCHEMA } from './json-schema-flag.js';
import { addLifeCommands } from './life-flags.js';
import { addFittedModelFlag, addNewItemsFlags } from './open-with-flags.js';
import { addOptions, collect } from './option-flags.js';
import { addPreferenceCommands } from './preference-flags.js';
import { addPretrainFlags } from './pretrain-flags.js';
import { addProfileFlags } from './profile-flags.js';
import { addFitFlags } from './recommend-flags.js';
import { addSearchFlag, addSelectionFlags } from './selection-flags.js';
import { addExampleFlags } from './table-flags.js';
import { addRerankFlags, addTuneWordsFlags, addWeighFlags, addWordsFlags } from './words-flags.js';

/**
 * The command line. Each command loads its code when it is called: `predict` need not wait for what `tune` needs.
 * @param before what every command begins with, when its flags were read
 */
export function softpromptProgram(before: (command: Command) => Promise<void> = async () => {}): Command {
  const program = new Command('softprompt')
    .description('Prompt tuning for frozen language models: learn a handful of input embeddings.')
    .version(packageVersion())
    .showHelpAfterError('(npx softprompt COMMAND --help shows all flags)')
    // what follows a command's name belongs to it, even flags that the command above has too
    .enablePositionalOptions()
    .exitOverride() // so that programs hear of a mistake too
    .hook('preAction', (_, command) => before(command));

  addOutputFlags(addThreadsFlag(program.command('start')))
    .description('a tour on the embedded model and sample data, in some minutes (what softprompt alone does)')
    .option('--out <folder>', 'where the two folders go (default: softprompt-start)')
    .option('--seed <n>', 'default: 0', seedNumber)
    .option('--max-steps <n>', "the prompt's updates, for a quicker tour", count)
    .option('--epochs <n>', "the recommender's epochs, for a quicker tour", count)
    .option('--overwrite', 'begin anew where an earlier tour has left something')
    .option('--cache <folder>', 'where converted weights are kept')
    .action(async (flags) => {
      await (await import('./start-command.js')).startCommand(flags);
    });

  addRunFlags(addOptions(program.command('tune').description('learn a prompt from labelled texts'), TUNE))
    .argument('[file]', 'labelled texts, of which columns, labels and template are inferred unless flags say them')
    .option('--dry-run', 'say the whole command and do nothing')
    .action(async (file, flags) => {
      await (await import('./tune-command.js')).tuneCommand(file, flags);
    });

  addRunFlags(
    addOptions(
      program.command('compare').description('measure ways to learn beside each other, and say which to take'),
      COMPARE,
    ),
  ).action(async (flags) => {
    await (await import('./compare-command.js')).compareCommand(flags);
  });

  addRunFlags(
    addOptions(
      program.command('transfer').description('start prompts from those of other tasks, and say which source to take'),
      TRANSFER,
    ),
  ).action(async (flags) => {
    await (await import('./transfer-command.js')).transferCommand(flags);
  });

  addOutputFlags(addRuntimeFlag(addModelFlags(program.command('resume'))))
    .description('go on with an interrupted or killed run')
    .argument(
      '<folder>',
      'what tune, compare, transfer, pretrain, recommend fit, preference fit, profile or tune-words was given as --out',
    )
    .action(async (folder, flags) => {
      await (await import('./resume-command.js')).resumeCommand(folder, flags);
    });

  addPretrainFlags(program.command('pretrain').description('train a small language model from texts')).action(
    async (flags) => {
      await (await import('./pretrain-command.js')).pretrainCommand(flags);
    },
  );

  addOptions(promptCommand(program, 'evaluate', 'measure a prompt on texts with their labels or targets'), {
    ...DECODING,
    ...GENERATING,
    measureTexts: TUNE.measureTexts,
  })
    .option('--data <file>', 'examples with labels, or with targets where texts are generated')
    .option('--target-column <name>', 'column of the target (default: as tuned, or target)')
    .option(...JSON_SCHEMA)
    .action(async (folder, flags) => {
      await (await import('./evaluate-command.js')).evaluateCommand(folder, flags);
    });

  promptCommand(program, 'predict', 'label texts with a prompt')
    .argument('[text]', 'one text')
    .option('--data <file>', 'many texts')
    .option('--out <file>', 'of these the labels: .csv, .tsv, .jsonl or .parquet')
    .option('--overwrite', 'replace a file that is already there')
    .action(async (folder, text, flags) => {
      await (await import('./predict-command.js')).predictCommand(folder, text, flags);
    });

  addOptions(promptCommand(program, 'generate', 'answer texts with a prompt that was tuned to generate'), {
    ...DECODING,
    ...GENERATING,
  })
    .argument('[text]', 'one text')
    .option('--slot <name=text>', 'the text of a slot, where the template has several; repeatable', collect)
    .option('--data <file>', 'many texts')
    .option(...JSON_SCHEMA)
    .option('--stream', 'show the answer as it comes')
    .action(async (folder, text, flags) => {
      await (await import('./generate-command.js')).generateCommand(folder, text, flags);
    });

  promptCommand(program, 'inspect', 'look inside a prompt: its nearest words, and what its decisions rest on')
    .argument('[text]', 'a text whose decision to explain')
    .option('--data <file>', 'texts whose decisions to explain')
    .option('--limit <n>', 'how many of them (default: 5)', count)
    .option('--words <n>', 'nearest words a learned token (default: 5)', count)
    .option('--user <id>', 'of a preference: whose rows to look at')
    .option('--history <a,b,c>', 'of a preference: items that a new user liked')
    .option('--disliked <a,b,c>', 'of a preference: items that he did not like')
    .option('--candidates <a,b,c>', 'of a preference: items whose answers to explain')
    .action(async (folder, text, flags) => {
      await (await import('./inspect-command.js')).inspectCommand(folder, text, flags);
    });

  const recommend = program.command('recommend').enablePositionalOptions().description('fit and use a recommender');

  addFitFlags(recommend.command('fit').description('fit a recommender to interactions'))
    .argument('[file]', 'the interactions, as --interactions')
    .option('--dry-run', 'say the whole command and do nothing')
    .action(async (file, flags) => {
      await (await import('./recommend-command.js')).fitCommand(file, flags);
    });

  addNewItemsFlags(
    addFittedModelFlag(
      addRerankFlags(addOutputFlags(addThreadsFlag(addSearchFlag(addSelectionFlags(recommend.command('for')))))),
    ),
  )
    .description('the best items for a user, or for a history')
    .argument('<folder>', 'the recommender')
    .option('--user <id>', 'a user of the interactions')
    .option('--history <a,b,c>', 'items of a new user, the oldest first; a JSON list where ids hold commas')
    .option('--interactions <file>', 'what people did since the fit; --user may be someone who is new there')
    .option('--skip-unknown', 'leave unknown items of the history out')
    .option('--user-attributes <name=value,…>', "attributes of the user, such as 'gender=F,age=31'")
    .option('--explain', 'which items of the history speak for each')
    .action(async (folder, flags) => {
      await (await import('./recommend-command.js')).recommendForCommand(folder, flags);
    });

  addNewItemsFlags(
    addFittedModelFlag(addModelFlags(addOutputFlags(addThreadsFlag(addSelectionFlags(recommend.command('similar')))))),
  )
    .description('the items most like one, which may be new')
    .argument('<folder>', 'the recommender')
    .argument('<item>', 'its id')
    .action(async (folder, item, flags) => {
      await (await import('./about-item-command.js')).similarCommand(folder, item, flags);
    });

  addNewItemsFlags(
    addFittedModelFlag(
      addModelFlags(addOutputFlags(addThreadsFlag(addOptions(recommend.command('audience'), AUDIENCE)))),
    ),
  )
    .description('the users who would like an item, which may be new')
    .argument('<folder>', 'the recommender')
    .argument('<item>', 'its id')
    .action(async (folder, item, flags) => {
      await (await import('./about-item-command.js')).audienceCommand(folder, item, flags);
    });

  addFittedModelFlag(addModelFlags(addOutputFlags(addThreadsFlag(recommend.command('evaluate')))))
    .description('measure a recommender on the test part of its data, beside baselines and other recommenders')
    .argument('<folder>', 'the recommender')
    .option('--baselines', 'tune and measure popularity, ItemKNN, EASE, iALS, BPR-MF, GRU4Rec, BERT4Rec and SASRec')
    .option('--against <folder>', 'another recommender of the same data; repeatable', collect)
    .option('--interactions <file>', 'where the interactions lie now')
    .option('--items <file>', 'where the items lie now')
    .option('--run-file <file>', 'write what each user of the test part would be shown: a run of TREC, or .json')
    .option('--run-depth <n>', 'items of each user in the run (default: 100)', count)
    .option('--qrels <file>', 'write what was to be found: qrels of TREC, or .json')
    .option('--per-user <file>', 'write the figures of each user: .csv, .tsv, .jsonl or .parquet')
    .option('--overwrite', 'replace files that are already there')
    .action(async (folder, flags) => {
      await (await import('./recommend-evaluate-command.js')).recommendEvaluateCommand(folder, flags);
    });

  addNewItemsFlags(
    addFittedModelFlag(
      addModelFlags(addOutputFlags(addThreadsFlag(addSearchFlag(addSelectionFlags(recommend.command('batch')))))),
    ),
  )
    .description('the best items for every user, into a file')
    .argument('<folder>', 'the recommender')
    .option('--out <file>', 'for the lists: .parquet, .jsonl, .csv or .tsv')
    .option('--only-users <ids>', 'only these users: a file of ids, a,b,c or a JSON list (default: all)')
    .option('--skip-unknown', 'leave unknown users out')
    .option('--interactions <file>', 'what people did since the fit; who is new there gets a list too')
    .option('--overwrite', 'replace a file, or unfinished lists, that are already there')
    .action(async (folder, flags) => {
      await (await import('./recommend-batch-command.js')).recommendBatchCommand(folder, flags);
    });

  addLifeCommands(recommend);

  addWordsFlags(recommend.command('words'))
    .description('rank items by how well their titles follow a history of titles; nothing is trained')
    .action(async (flags) => {
      await (await import('./words-command.js')).wordsCommand(flags);
    });

  addTuneWordsFlags(recommend.command('tune-words'))
    .description('learn the prompt behind which titles are ranked')
    .action(async (flags) => {
      await (await import('./tune-words-command.js')).tuneWordsCommand(flags);
    });

  addWeighFlags(recommend.command('weigh-words'))
    .description('choose on validation how much titles count when a recommender is ranked anew')
    .argument('<folder>', 'the recommender')
    .action(async (folder, flags) => {
      await (await import('./rerank-with-words.js')).weighWordsCommand(folder, flags);
    });

  const profile = addProfileFlags(recommend.command('profile').enablePositionalOptions())
    .description('learn a prompt that predicts an attribute of users from what they chose')
    .action(async (flags) => {
      await (await import('./profile-command.js')).profileCommand(flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(profile.command('predict'))))
    .description('the attribute of a user by the items of their history')
    .argument('<folder>', 'what profile was given as --out')
    .option('--history <a,b,c>', 'items of the user, the oldest first; a JSON list where ids hold commas')
    .option('--model <model>', 'another place of the frozen model')
    .action(async (folder, flags) => {
      await (await import('./profile-command.js')).predictProfileCommand(folder, flags);
    });

  addPreferenceCommands(recommend);

  addRunFlags(
    addOptions(program.command('serve').description('prompts and recommenders over HTTP'), SERVE, 'SOFTPROMPT_'),
  )
    .argument('[folders...]', 'each is a prompt or recommender, or holds some (SOFTPROMPT_FOLDERS: a,b)')
    .action(async (folders, flags) => {
      await (await import('./serve-command.js')).serveCommand(folders, flags);
    });

  const interactions = program.command('interactions').description('what a service has kept: export and erase it');

  addOutputFlags(addOptions(interactions.command('export'), EXPORT_INTERACTIONS))
    .description('write kept interactions to a file, for the next fit or for who asks what is known of him')
    .action(async (flags) => {
      await (await import('./interactions-command.js')).exportCommand(flags);
    });

  addOutputFlags(addOptions(interactions.command('forget'), FORGET_USER))
    .description('remove all that a user did')
    .action(async (flags) => {
      await (await import('./interactions-command.js')).forgetCommand(flags);
    });

  const data = program.command('data').description('describe, convert, split and fetch data');

  addOutputFlags(addFilterFlags(addDataFlags(data.command('describe'))))
    .description('counts, histories, popularity, and what to know before training')
    .action(async (flags) => {
      await (await import('./data-command.js')).describeCommand(flags);
    });

  addOutputFlags(addWritingFlags(addDataFlags(data.command('convert'))))
    .description('write interactions, items or users anew in another format')
    .action(async (flags) => {
      await (await import('./data-command.js')).convertCommand(flags);
    });

  addOutputFlags(addWritingFlags(addFilterFlags(addDataFlags(data.command('split')))))
    .description('write the parts that train, validate and test')
    .action(async (flags) => {
      await (await import('./data-command.js')).splitCommand(flags);
    });

  addOutputFlags(data.command('fetch'))
    .description('download a public data set from its publisher, as plain CSV')
    .argument('[name]', 'which set; see --list')
    .option('--list', 'show the sets')
    .option('--out <folder>', "where it goes (default: the set's name)")
    .option('--endpoint <url>', 'a mirror of the publisher')
    .option('--overwrite', 'write it anew where it is already there')
    .action(async (name, flags) => {
      await (await import('./fetch-command.js')).fetchCommand(name, flags);
    });

  addOutputFlags(addRuntimeFlag(addModelFlags(program.command('doctor'))))
    .description('check what this machine lets softprompt do')
    .action(async (flags) => {
      await (await import('./doctor-command.js')).doctorCommand(flags);
    });
  return program;
}

/** A command that opens a prompt on its model and reads texts. */
function promptCommand(program: Command, name: string, description: string): Command {
  const command = program
    .command(name)
    .description(description)
    .argument('<folder>', 'the prompt')
    .option('--model <model>', 'another place of the frozen model');
  return addOutputFlags(addThreadsFlag(addModelFlags(addExampleFlags(command, 'as tuned'))));
}
