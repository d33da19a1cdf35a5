import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';

/**
 * A few-shot sample: `shots` labelled examples of each label, at random, in the order of the input.
 * @param whose said of the rows where they are too few
 * @throws DATA_SHOTS where a label of the set has fewer rows, or `shots` is no positive integer.
 */
export function sampleShots(
  examples: readonly Example[],
  labels: readonly string[],
  shots: number,
  seed: number,
  whose = '',
): Example[] {
  if (!Number.isInteger(shots) || shots < 1) {
    throw new SoftpromptError('DATA_SHOTS', {
      found: `${shots} shots`,
      expected: 'a positive integer, the number of examples per label',
      fix: 'Choose, for example, --shots 16.',
    });
  }
  const byLabel = groupBy(examples.keys(), (index) => examples[index]!.label);
  const rows = labels.map((label) => ({ label, indices: byLabel.get(label) ?? [] }));
  const short = rows.filter(({ indices }) => indices.length < shots);
  if (short.length > 0) {
    throw new SoftpromptError('DATA_SHOTS', {
      found: short.map(({ label, indices }) => `label '${label}' has ${indices.length} rows${whose}`).join(', '),
      expected: `at least ${shots} rows of each label`,
      fix: 'Ask for fewer (--shots), or give more data.',
    });
  }
  const random = new Random(seed);
  return rows
    .flatMap(({ indices }) => random.sample(indices.length, shots).map((i) => indices[i]!))
    .sort((a, b) => a - b)
    .map((index) => examples[index]!);
}
