import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { parseRecord } from '../../files/json-record.js';
import type { JobInputs } from '../../jobs/job.js';
import { METHODS, type MethodName } from '../../methods/registry.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { hasLearnedTokens } from '../tune-options.js';
import type { ComparePlan } from './compare-options.js';

const set = z.object({
  name: z.string().min(1),
  template: z.string(),
  labels: z.record(z.string(), z.string()),
  train: z.string(),
  valid: z.string().optional(),
  test: z.string().optional(),
  columns: z.record(z.string(), z.string()).optional(),
  labelColumn: z.string().optional(),
});

/** A data set with what is asked of it. */
export type ComparedSet = z.infer<typeof set>;

/** The sets of a comparison. @throws TUNING_SETTING */
export async function comparedSets(plan: ComparePlan): Promise<readonly ComparedSet[]> {
  const { template, labels, train, valid, test, sets, columns, labelColumn } = plan;
  if (sets === undefined) {
    if (template === undefined || labels === undefined || train === undefined) {
      throw new SoftpromptError('TUNING_SETTING', {
        found: 'No data to compare on',
        expected: 'a template, labels and training examples, or a file of such sets',
        fix: 'Give --template, --labels and --train, or --sets.',
      });
    }
    const name = basename(train).replace(/\.[a-z]+(\.gz)?$/i, '');
    return [{ ...{ name, template, labels, train, valid, test, columns, labelColumn } }];
  }
  return readSets(sets);
}

/** The sets of a file; its paths are seen from its folder. @throws TUNING_SETTING */
export async function readSets(sets: string): Promise<readonly ComparedSet[]> {
  const text = await readFile(sets, 'utf8').catch(() => '');
  const { record, problem } = parseRecord(text, z.array(set).min(1));
  if (record === undefined) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `${sets} cannot be used: ${problem}`,
      expected: 'a JSON list of objects with name, template, labels and train',
      fix: 'Correct the file (--sets).',
    });
  }
  const path = (given: string) => resolve(dirname(sets), given);
  return record.map((one) => ({
    ...one,
    train: path(one.train),
    valid: one.valid && path(one.valid),
    test: one.test && path(one.test),
  }));
}

/** A set's template as a method reads it: with learned tokens in front where it has them and the template does not, or without. */
export function templateFor(method: MethodName, template: string, tokens: number): string {
  const parsed = parseTemplate(template);
  if (METHODS[method].tokens === 'none') return withoutLearned(parsed).source;
  return hasLearnedTokens(template) || METHODS[method].startsFromExamples ? template : `[soft:${tokens}]${template}`;
}

/** A hash a set, of what is asked of it and of its files' bytes, wherever they lie; none of one that cannot be read. */
export async function hashesOfSets(sets: readonly ComparedSet[]): Promise<JobInputs> {
  const hashOf = async ({ train, valid, test, ...asked }: ComparedSet) => {
    const hash = createHash('sha256').update(JSON.stringify(asked));
    for (const path of [train, valid, test]) {
      hash.update(path === undefined ? 'none' : 'file');
      if (path !== undefined) for await (const bytes of createReadStream(path)) hash.update(bytes);
    }
    return hash.digest('hex');
  };
  const hashes = sets.map(async (set) => {
    const hash = await hashOf(set).catch(() => undefined); // reading its rows says what is wrong
    return hash === undefined ? [] : [[`the set ${set.name}`, hash] as const];
  });
  return Object.fromEntries((await Promise.all(hashes)).flat());
}
