import { readFileSync } from 'node:fs';
import { SoftpromptError } from '../errors.js';
import { MOVED_MODEL } from '../network/loading-options.js';
import { choice, text, toggle } from '../options/kind.js';
import { declareOptions } from '../options/option.js';

/** What a command leaves beside its result for people to look at. */
export const REPORTING = declareOptions({
  report: { kind: text('<file>'), about: 'write what came out as one web page, such as report.html' },
});

/** What a training tells other programs while it goes. */
export const LOGGING = declareOptions({
  log: {
    kind: choice('<kind>', ['tensorboard']),
    about: "write event files into the folder's tensorboard/, for `tensorboard --logdir`",
  },
});

/** Of `softprompt report`. */
export const REPORT = declareOptions({
  out: { kind: text('<file>'), about: 'the page', default: 'report.html' },
  ...MOVED_MODEL,
});

/** Of `softprompt history`. */
export const HISTORY = declareOptions({ all: { kind: toggle, about: 'every line, not the curves alone' } });

/** By this a page is known as a report, which the next one may replace. */
export const GENERATOR = '<meta name="generator" content="softprompt report">';

/**
 * Whether a report may be written there, so that a slip shows before the work and not after it.
 * @throws FLAG_INVALID for a name that is none of a web page, DATA_OUTPUT_EXISTS for a file that is no report
 */
export function checkReportFile(path: string): void {
  if (!/\.html?$/i.test(path)) {
    throw new SoftpromptError('FLAG_INVALID', {
      found: `The report is to be written to ${path}`,
      expected: 'a name that ends in .html',
      fix: 'Write, for example, report.html.',
    });
  }
  let there = '';
  try {
    there = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  if (there.includes(GENERATOR)) return;
  throw new SoftpromptError('DATA_OUTPUT_EXISTS', {
    found: `${path} exists already, and is no report of softprompt's`,
    expected: 'a new file, or an earlier report',
    fix: 'Choose another name.',
  });
}
