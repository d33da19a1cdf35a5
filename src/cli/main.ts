#!/usr/bin/env node
import { CommanderError } from 'commander';
import { type ErrorFacts, SoftpromptError } from '../errors.js';
import { chooseLanguage, currentLanguage, languageOf } from '../language/language.js';
import { translate } from '../language/translate.js';
import { chooseRuntime, onRuntimeNote } from '../runtime/runtime-choice.js';
import { applyConfigFile } from './config-file.js';
import { isInterruption } from './interrupt.js';
import { createOutput, endProgress, snakeCase } from './output.js';
import { softpromptProgram } from './program.js';
import { inLanguage } from './spoken-help.js';
import { terminalWidth, wrapText } from './terminal-text.js';
import { chooseLoudness, coloredError, loudness } from './voice.js';

/** Whether errors are told to programs too. */
let json = process.argv.includes('--json');

chooseLanguage(languageOf(process.argv, process.env));
const program = softpromptProgram(async (command) => {
  await applyConfigFile(command);
  json = command.getOptionValue('json') === true;
  const language = command.getOptionValue('lang');
  if (language !== undefined) chooseLanguage(language); // --config can say it too
  chooseLoudness(command.opts());
  chooseRuntime(command.getOptionValue('runtime'));
  onRuntimeNote(createOutput(json).note);
});

if (currentLanguage() !== 'en') inLanguage(program);

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
  else if (isInterruption(error)) leaveInterrupted();
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

/** Commands that have something to keep say so themselves. */
function leaveInterrupted(): void {
  const output = createOutput(json);
  output.result({ ended: 'interrupted' });
  output.say('Interrupted; nothing has changed.');
  process.exitCode = 130;
}

/** An error's facts in the language of the command line. */
function spoken({ found, expected, fix }: ErrorFacts): ErrorFacts {
  return { found: translate(found), expected: translate(expected), fix: translate(fix) };
}

/** The same as sentences. */
function spokenFacts(facts: ErrorFacts): string {
  const { found, expected, fix } = spoken(facts);
  return currentLanguage() === 'zh' ? `${found}。应为：${expected}。${fix}` : `${found}. Expected ${expected}. ${fix}`;
}

function leave(error: unknown): void {
  const known = error instanceof SoftpromptError;
  if (json) {
    const facts = known ? { code: error.code, ...spoken(error.facts) } : { code: 'INTERNAL', found: String(error) };
    process.stdout.write(`${JSON.stringify(snakeCase({ event: 'error', ...facts }))}\n`);
  }
  const text = known
    ? wrapText(`${error.code}: ${spokenFacts(error.facts)}`, terminalWidth(process.stderr)).replace(
        error.code,
        coloredError,
      )
    : `${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`${text}\n`);
  if (known && loudness() === 'verbose') process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
