#!/usr/bin/env node
import { CommanderError } from 'commander';
import { SoftpromptError } from '../errors.js';
import { chooseRuntime, onRuntimeNote } from '../runtime/runtime-choice.js';
import { applyConfigFile } from './config-file.js';
import { createOutput, endProgress, snakeCase } from './output.js';
import { softpromptProgram } from './program.js';
import { terminalWidth, wrapText } from './terminal-text.js';

/** Whether errors are told to programs too. */
let json = process.argv.includes('--json');

const program = softpromptProgram(async (command) => {
  await applyConfigFile(command);
  json = command.getOptionValue('json') === true;
  chooseRuntime(command.getOptionValue('runtime'));
  onRuntimeNote(createOutput(json).note);
});

// whoever read our output has seen enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  // softprompt alone shows what it can do
  await program.parseAsync(process.argv.length > 2 ? process.argv : [...process.argv, 'start']);
} catch (error) {
  endProgress();
  if (error instanceof CommanderError) leaveFlags(error);
  else leave(error);
} finally {
  endProgress();
}

/** What is wrong with the flags was told already, or help was. */
function leaveFlags({ exitCode, message }: CommanderError): void {
  process.exitCode = exitCode;
  if (exitCode === 0 || !json) return;
  const facts = { found: message, expected: 'what --help shows', fix: 'Correct the command line.' };
  process.stdout.write(`${JSON.stringify({ event: 'error', code: 'FLAG_INVALID', ...facts })}\n`);
}

function leave(error: unknown): void {
  const known = error instanceof SoftpromptError;
  if (json) {
    const facts = known ? { code: error.code, ...error.facts } : { code: 'INTERNAL', found: String(error) };
    process.stdout.write(`${JSON.stringify(snakeCase({ event: 'error', ...facts }))}\n`);
  }
  const text = known
    ? wrapText(`${error.code}: ${error.message}`, terminalWidth(process.stderr))
    : `${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
