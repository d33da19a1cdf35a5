import { Command } from 'commander';
import { FETCH } from '../hub/data-sets/fetch-options.js';
import { EXPORT_INTERACTIONS, FORGET_USER } from '../interaction-store/store-options.js';
import { LOADING, LOADING_BESIDE_ENDPOINT } from '../network/loading-options.js';
import type { Options } from '../options/option.js';
import { packageVersion } from '../package-version.js';
import { ON_QUEUE } from '../queue/queue-options.js';
import { EXPLAIN, EXPLANATION_ALONE, EXPLANATION_ROWS } from '../recommend/explanations/explanation-options.js';
import { INSPECT_PREFERENCE } from '../recommend/preference/preference-options.js';
import { PREDICT_PROFILE } from '../recommend/profile-options.js';
import { AUDIENCE } from '../recommend/selection-options.js';
import { EVALUATE_RECOMMENDER, NEW_ITEMS, RECOMMEND_BATCH, RECOMMEND_FOR } from '../recommend/use-options.js';
import { HISTORY, REPORT, REPORTING } from '../report/report-options.js';
import { SERVE } from '../server/serve-options.js';
import { COMPARE } from '../tasks/comparison/compare-options.js';
import { DESIGN } from '../tasks/design/design-options.js';
import { SEARCH } from '../tasks/prompt-search/search-options.js';
import { SHORTEN } from '../tasks/shorten/shorten-options.js';
import { TRANSFER } from '../tasks/transfer/transfer-options.js';
import { TUNE } from '../tasks/tune-options.js';
import { EVALUATE, GENERATE, INSPECT, PREDICT } from '../tasks/use-options.js';
import { TOUR } from '../tour/tour-options.js';
import { addDataFlags, addFilterFlags, addWritingFlags } from './data-flags.js';
import {
  addModelFlags,
  addOutputFlags,
  addRunFlags,
  addRuntimeFlag,
  addThreadsFlag,
  addTrainingFlags,
} from './flags.js';
import { addLifeCommands } from './life-flags.js';
import { addOptions } from './option-flags.js';
import { addPreferenceCommands } from './preference-flags.js';
import { addPretrainFlags } from './pretrain-flags.js';
import { addProfileFlags } from './profile-flags.js';
import { addQueueCommands, addQueueFlags } from './queue-flags.js';
import { addFitFlags } from './recommend-flags.js';
import { addSearchFlag, addSelectionFlags } from './selection-flags.js';
import { ASK_FOR_HELP } from './spoken-help.js';
import { addTableFlags } from './table-flags.js';
import { addRerankFlags, addTuneWordsFlags, addWeighFlags, addWordsFlags } from './words-flags.js';

/**
 * The command line. Each command loads its code when it is called: `predict` need not wait for what `tune` needs.
 * @param before what every command begins with, when its flags were read
 */
export function softpromptProgram(before: (command: Command) => Promise<void> = async () => {}): Command {
  const program = new Command('softprompt')
    .description('Prompt tuning for frozen language models: learn a handful of input embeddings.')
    .version(packageVersion())
    .showHelpAfterError(ASK_FOR_HELP)
    // what follows a command's name belongs to it, even flags that the command above has too
    .enablePositionalOptions()
    .exitOverride() // so that programs hear of a mistake too
    .hook('preAction', (_, command) => before(command));

  addOutputFlags(addThreadsFlag(addOptions(program.command('start'), { ...TOUR, cacheFolder: LOADING.cacheFolder })))
    .description('a tour on the embedded model and sample data, in some minutes (what softprompt alone does)')
    .action(async (flags) => {
      await (await import('./start-command.js')).startCommand(flags);
    });

  addTrainingFlags(
    addOptions(program.command('tune').description('learn a prompt from labelled texts'), {
      ...TUNE,
      ...EXPLANATION_ALONE,
      ...ON_QUEUE,
    }),
  )
    .argument('[file]', 'labelled texts, of which columns, labels and template are inferred unless flags say them')
    .option('--dry-run', 'say the whole command and do nothing')
    .action(async (file, flags) => {
      await (await import('./tune-command.js')).tuneCommand(file, flags);
    });

  addTrainingFlags(
    addOptions(
      program.command('compare').description('measure ways to learn beside each other, and say which to take'),
      { ...COMPARE, ...ON_QUEUE },
    ),
  ).action(async (flags) => {
    await (await import('./compare-command.js')).compareCommand(flags);
  });

  addRunFlags(
    addOptions(
      program.command('transfer').description('start prompts from those of other tasks, and say which source to take'),
      { ...TRANSFER, ...ON_QUEUE },
    ),
  ).action(async (flags) => {
    await (await import('./transfer-command.js')).transferCommand(flags);
  });

  addRunFlags(
    addOptions(
      program
        .command('design')
        .description('find template and label words for a file of labelled texts, and learn a prompt'),
      DESIGN,
    ),
  ).action(async (flags) => {
    await (await import('./design-command.js')).designCommand(flags);
  });

  addRunFlags(
    addOptions(
      program.command('shorten').description('leave out the learned tokens that do least, and learn again'),
      SHORTEN,
    ),
  )
    .argument('<folder>', 'the prompt')
    .action(async (folder, flags) => {
      await (await import('./shorten-command.js')).shortenCommand(folder, flags);
    });

  addOutputFlags(addRuntimeFlag(addOptions(program.command('search'), { ...SEARCH, ...LOADING_BESIDE_ENDPOINT })))
    .description('find a prompt where only label scores can be had: words that people can read, or a soft prompt')
    .action(async (flags) => {
      await (await import('./search-command.js')).searchCommand(flags);
    });

  addTrainingFlags(addQueueFlags(program.command('resume')))
    .description('go on with an interrupted or killed run')
    .argument(
      '<folder>',
      'what tune, compare, transfer, design, search, shorten, pretrain, recommend fit, preference fit, profile or tune-words was given as --out',
    )
    .action(async (folder, flags) => {
      await (await import('./resume-command.js')).resumeCommand(folder, flags);
    });

  addPretrainFlags(program.command('pretrain').description('train a small language model from texts')).action(
    async (flags) => {
      await (await import('./pretrain-command.js')).pretrainCommand(flags);
    },
  );

  promptCommand(
    program,
    'evaluate',
    { ...EVALUATE, ...REPORTING, ...EXPLANATION_ROWS, ...ON_QUEUE },
    'measure a prompt on texts with their labels or targets',
  ).action(async (folder, flags) => {
    await (await import('./evaluate-command.js')).evaluateCommand(folder, flags);
  });

  promptCommand(program, 'predict', { ...PREDICT, ...ON_QUEUE }, 'label texts with a prompt')
    .argument('[text]', 'one text')
    .action(async (folder, text, flags) => {
      await (await import('./predict-command.js')).predictCommand(folder, text, flags);
    });

  promptCommand(program, 'generate', GENERATE, 'answer texts with a prompt that was tuned to generate')
    .argument('[text]', 'one text')
    .option('--stream', 'show the answer as it comes')
    .action(async (folder, text, flags) => {
      await (await import('./generate-command.js')).generateCommand(folder, text, flags);
    });

  promptCommand(
    program,
    'inspect',
    { ...INSPECT, ...INSPECT_PREFERENCE },
    'look inside a prompt: its nearest words, and what its decisions rest on',
  )
    .argument('[text]', 'a text whose decision to explain')
    .action(async (folder, text, flags) => {
      await (await import('./inspect-command.js')).inspectCommand(folder, text, flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(program.command('report'), REPORT))))
    .description('write what a finished folder holds as one web page: verdict, curves, baselines, people, cost')
    .argument('<folder>', 'a prompt, recommender, preference or comparison')
    .action(async (folder, flags) => {
      await (await import('./report-command.js')).reportCommand(folder, flags);
    });

  addOutputFlags(addOptions(program.command('history'), HISTORY))
    .description('how something learned: loss and validation of each run')
    .argument('<folder>', 'a prompt, recommender, preference or model')
    .action(async (folder, flags) => {
      await (await import('./history-command.js')).historyCommand(folder, flags);
    });

  const recommend = program.command('recommend').enablePositionalOptions().description('fit and use a recommender');

  addFitFlags(recommend.command('fit').description('fit a recommender to interactions'))
    .argument('[file]', 'the interactions, as --interactions')
    .option('--dry-run', 'say the whole command and do nothing')
    .action(async (file, flags) => {
      await (await import('./recommend-command.js')).fitCommand(file, flags);
    });

  addRerankFlags(openCommand(recommend, 'for', RECOMMEND_FOR, addSelectionFlags, addSearchFlag))
    .description('the best items for a user, or for a history')
    .action(async (folder, flags) => {
      await (await import('./recommend-command.js')).recommendForCommand(folder, flags);
    });

  openCommand(recommend, 'similar', {}, addSelectionFlags)
    .description('the items most like one, which may be new')
    .argument('<item>', 'its id')
    .action(async (folder, item, flags) => {
      await (await import('./about-item-command.js')).similarCommand(folder, item, flags);
    });

  openCommand(recommend, 'audience', AUDIENCE)
    .description('the users who would like an item, which may be new')
    .argument('<item>', 'its id')
    .action(async (folder, item, flags) => {
      await (await import('./about-item-command.js')).audienceCommand(folder, item, flags);
    });

  addModelFlags(
    addOutputFlags(
      addThreadsFlag(addOptions(recommend.command('evaluate'), { ...EVALUATE_RECOMMENDER, ...REPORTING })),
    ),
  )
    .description('measure a recommender on the test part of its data, beside baselines and other recommenders')
    .argument('<folder>', 'the recommender')
    .action(async (folder, flags) => {
      await (await import('./recommend-evaluate-command.js')).recommendEvaluateCommand(folder, flags);
    });

  openCommand(recommend, 'batch', { ...RECOMMEND_BATCH, ...ON_QUEUE }, addSelectionFlags, addSearchFlag)
    .description('the best items for every user, into a file')
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
    .description('choose on validation how much titles count when items are reranked')
    .argument('<folder>', 'the recommender')
    .action(async (folder, flags) => {
      await (await import('./rerank-with-words.js')).weighWordsCommand(folder, flags);
    });

  const profile = addProfileFlags(recommend.command('profile').enablePositionalOptions())
    .description('learn a prompt that predicts an attribute of users from what they chose')
    .action(async (flags) => {
      await (await import('./profile-command.js')).profileCommand(flags);
    });

  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(profile.command('predict'), PREDICT_PROFILE))))
    .description('predict the attribute of a user from the items of their history')
    .argument('<folder>', 'what profile was given as --out')
    .action(async (folder, flags) => {
      await (await import('./profile-command.js')).predictProfileCommand(folder, flags);
    });

  addPreferenceCommands(recommend);

  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(recommend.command('explain'), EXPLAIN))))
    .description('why an item is for a user, in a sentence as reviews have it')
    .argument('<folder>', 'what tune --task explain was given as --out')
    .action(async (folder, flags) => {
      await (await import('./explain-command.js')).explainCommand(folder, flags);
    });

  addRunFlags(
    addOptions(program.command('serve').description('prompts and recommenders over HTTP'), SERVE, 'SOFTPROMPT_'),
  )
    .argument('[folders...]', 'each is a prompt or recommender, or holds some (SOFTPROMPT_FOLDERS: a,b)')
    .action(async (folders, flags) => {
      await (await import('./serve-command.js')).serveCommand(folders, flags);
    });

  addQueueCommands(program);

  const interactions = program.command('interactions').description('what a service has kept: export and erase it');

  addOutputFlags(addOptions(interactions.command('export'), EXPORT_INTERACTIONS))
    .description('write kept interactions to a file, for the next fit, or for a user who asks what is known')
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

  addOutputFlags(addOptions(data.command('fetch'), FETCH))
    .description('download a public data set from its publisher, as plain CSV')
    .argument('[name]', 'which set; see --list')
    .option('--list', 'show the sets')
    .action(async (name, flags) => {
      await (await import('./fetch-command.js')).fetchCommand(name, flags);
    });

  addOutputFlags(program.command('init'))
    .description("write a command's options as a commented YAML file for --config")
    .argument('[words...]', 'a command, tune or recommend fit …, and a file of data whose columns are filled in')
    .option('--out <file>', 'where it goes (default: softprompt.yaml)')
    .option('--overwrite', 'replace a file that is already there')
    .action(async (words, flags) => {
      await (await import('./init-command.js')).initCommand(program, words, flags);
    });

  program
    .command('completion')
    .description('print what completes commands and flags in a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell) => {
      (await import('./completion-command.js')).completionCommand(program, shell);
    });

  addOutputFlags(addRuntimeFlag(addModelFlags(program.command('doctor'))))
    .description('check what this machine lets softprompt do')
    .action(async (flags) => {
      await (await import('./doctor-command.js')).doctorCommand(flags);
    });
  return program;
}

/** A command that opens a prompt on its model and reads texts. */
function promptCommand(program: Command, name: string, options: Options, description: string): Command {
  const command = program.command(name).description(description).argument('<folder>', 'the prompt');
  return addOutputFlags(addThreadsFlag(addModelFlags(addTableFlags(addOptions(command, options)))));
}

/** A command that opens a recommender, to which a table may add items. @param more further flags */
function openCommand(
  recommend: Command,
  name: string,
  options: Options,
  ...more: readonly ((command: Command) => Command)[]
): Command {
  const command = addOptions(recommend.command(name).argument('<folder>', 'the recommender'), options);
  const all = more.reduce((before, add) => add(before), command);
  return addOutputFlags(addThreadsFlag(addModelFlags(addOptions(all, NEW_ITEMS))));
}
