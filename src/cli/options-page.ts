import type { Argument, Command, Option } from 'commander';
import { defaultInWords } from '../options/option.js';
import { OptionFlag } from './option-flags.js';
import { softpromptProgram } from './program.js';

/** docs/options.md: every flag of every command, with its key in `--config` and its name in programs. */
export function optionsPage(): string {
  return `# Options

Every flag of every command. A key of the file that \`--config\` names is the flag without its dashes: \`batch-size: 16\`; a wrong key is
refused with the nearest. Programs say the name in the last column, within groups such as \`network.dropout\`. This page is made by
\`scripts/options-page.mjs\` from what the capabilities declare; a test keeps it in step.
${[...commandsOf(softpromptProgram())].map(sectionOf).join('')}`;
}

/** The commands that can be called, with the words that call them. */
export function* commandsOf(command: Command, words: readonly string[] = []): Generator<readonly [string, Command]> {
  const name = [...words, command.name()];
  // what has an action of its own has flags beside --help
  if (command.options.length > 0 && words.length > 0) yield [name.join(' '), command];
  for (const one of command.commands) yield* commandsOf(one, name);
}

function sectionOf([name, command]: readonly [string, Command]): string {
  const given = command.registeredArguments.map(argumentOf).join('');
  return `
## ${name}${given}

${sentence(command.description())}.

| flag | meaning | default | in programs |
|---|---|---|---|
${command.options.map(rowOf).join('\n')}
`;
}

const argumentOf = (argument: Argument): string =>
  argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');

function rowOf(option: Option): string {
  const declared = option instanceof OptionFlag ? option : undefined;
  const usual = declared && !option.negate ? defaultInWords(declared.option) : undefined;
  const [, about = option.description, told = ''] = /^(.*?)(?: ?\(default: (.*)\))?$/s.exec(option.description) ?? [];
  const meaning = declared === undefined ? about : option.negate ? option.description : declared.option.about;
  const choices = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`;
  const cells = [
    `\`${option.flags}\``,
    `${meaning}${choices}`,
    declared?.option.required !== undefined ? 'must be given' : (usual ?? (declared ? '' : told)),
    declared === undefined ? '' : `\`${declared.path}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
