import type { Command } from 'commander';
import { translate } from '../language/translate.js';

/** What is told behind a mistake of the command line. */
export const ASK_FOR_HELP = '(npx softprompt COMMAND --help shows all flags)';

/** Tells the help of a command and of all below it in the chosen language; what shells and programs read stays. */
export function inLanguage(command: Command): Command {
  command.description(translate(command.description()));
  for (const option of command.options) option.description = translate(option.description);
  for (const argument of command.registeredArguments) argument.description = translate(argument.description);
  command.configureHelp({
    styleTitle: (title) => translate(title),
    optionDescription(option) {
      const { argChoices, envVar } = option;
      const more = [
        ...(argChoices === undefined ? [] : [translate(`one of ${argChoices.join(', ')}`)]),
        ...(envVar === undefined ? [] : [envVar]),
      ];
      return more.length === 0 ? option.description : `${option.description}（${more.join('；')}）`;
    },
  });
  command.helpOption('-h, --help', translate('show help'));
  command.showHelpAfterError(translate(ASK_FOR_HELP));
  if (command.commands.length > 0) command.helpCommand('help [command]', translate('show help of a command'));
  command.configureOutput({ outputError: (text, write) => write(translate(text)) });
  for (const one of command.commands) inLanguage(one);
  return command;
}
