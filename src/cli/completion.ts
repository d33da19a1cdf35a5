import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What can stand behind the words of a command. */
interface Place {
  /** The words after `softprompt`: '' or 'recommend fit'. */
  readonly words: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly { readonly name: string; readonly about: string; readonly choices: readonly string[] }[];
}

/** The script that completes commands, flags and their choices in a shell. */
export function completionScript(shell: Shell, program: Command): string {
  const places = [...placesOf(program)];
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
  }
}

function* placesOf(command: Command, words: readonly string[] = []): Generator<Place> {
  yield {
    words: words.join(' '),
    commands: command.commands.map((one) => ({ name: one.name(), about: firstLine(one.description()) })),
    flags: [...command.options.filter(({ long }) => long).map(flagOf), { name: '--help', about: 'help', choices: [] }],
  };
  for (const one of command.commands) yield* placesOf(one, [...words, one.name()]);
}

const flagOf = ({ long, description, argChoices = [] }: Option) => ({
  ...{ name: long!, about: firstLine(description), choices: argChoices },
});

/** So much of a description as fits beside a flag. */
const firstLine = (text: string): string => text.split(/[;(\n]/)[0]!.trim();

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const list = (words: readonly string[]): string => quoted(words.join(' '));

/** Lines of a `case` that goes on from the words before by the one that follows. */
const steps = (places: readonly Place[]): string =>
  places
    .filter(({ words }) => words !== '')
    .map(({ words }) => quoted(` ${words}`))
    .join('|');

const choices = (places: readonly Place[]) =>
  places.flatMap(({ words, flags }) =>
    flags
      .filter((flag) => flag.choices.length > 0)
      .map((flag) => ({ at: `${words === '' ? '' : ` ${words}`} ${flag.name}`, choices: flag.choices })),
  );

const at = (words: string): string => quoted(words === '' ? '' : ` ${words}`);

function bash(places: readonly Place[]): string {
  return `# eval "$(softprompt completion bash)", or: softprompt completion bash > ~/.local/share/bash-completion/completions/softprompt
_softprompt() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at="" i commands="" flags=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${steps(places)}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $before" in
${choices(places)
  .map(({ at, choices }) => `    ${quoted(at)}) COMPREPLY=($(compgen -W ${list(choices)} -- "$current")); return ;;`)
  .join('\n')}
  esac
  case "$at" in
${places
  .map(
    ({ words, commands, flags }) =>
      `    ${at(words)}) commands=${list(commands.map(({ name }) => name))}; flags=${list(flags.map(({ name }) => name))} ;;`,
  )
  .join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current") $(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _softprompt softprompt
`;
}

function zsh(places: readonly Place[]): string {
  const described = (entries: readonly { readonly name: string; readonly about: string }[]) =>
    entries.map(({ name, about }) => quoted(`${name}:${about.replaceAll(':', '\\:')}`)).join(' ');
  return `#compdef softprompt
# softprompt completion zsh > "\${fpath[1]}/_softprompt", or: eval "$(softprompt completion zsh)"
_softprompt() {
  local at="" i
  local -a commands flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${steps(places).replaceAll("'|'", "'|\\\n      '")}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${choices(places)
  .map(({ at, choices }) => `    ${quoted(at)}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`)
  .join('\n')}
  esac
  case "$at" in
${places
  .map(
    ({ words, commands, flags }) =>
      `    ${at(words)})\n      commands=(${described(commands)})\n      flags=(${described(flags)}) ;;`,
  )
  .join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe flag flags
  else
    (( \${#commands} )) && _describe command commands
    _files
  fi
}
(( \${+functions[compdef]} )) && compdef _softprompt softprompt
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, commands, flags }) => {
    const here = `-n ${quoted(`__softprompt_at "${words}"`)}`;
    return [
      ...commands.map(({ name, about }) => `complete -c softprompt ${here} -a ${quoted(name)} -d ${quoted(about)}`),
      ...flags.map(({ name, about, choices }) => {
        const values = choices.length === 0 ? '' : ` -x -a ${list(choices)}`;
        return `complete -c softprompt ${here} -l ${name.slice(2)} -d ${quoted(about)}${values}`;
      }),
    ];
  });
  return `# softprompt completion fish > ~/.config/fish/completions/softprompt.fish
function __softprompt_at
  set -l at ""
  for word in (commandline -opc)[2..]
    switch (string trim "$at $word")
      case ${places
        .filter(({ words }) => words !== '')
        .map(({ words }) => quoted(words))
        .join(' ')}
        set at (string trim "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}
