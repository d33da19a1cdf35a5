import type { Command } from 'commander';
import { SoftpromptError } from '../errors.js';
import { completionScript, SHELLS, type Shell } from './completion.js';

export function completionCommand(program: Command, shell: string): void {
  if (!SHELLS.includes(shell as Shell)) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: `the shell '${shell}'`,
      expected: `one of ${SHELLS.join(', ')}`,
      fix: 'Name the shell that you use: echo $SHELL tells.',
    });
  }
  process.stdout.write(completionScript(shell as Shell, program));
}
