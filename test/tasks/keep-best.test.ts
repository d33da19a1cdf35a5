/** `--method auto`: what labels more right is kept behind the same folder, and what it says of itself. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { evaluatePrompt } from '../../src/tasks/evaluate-prompt.js';
import { openPrompt, predict } from '../../src/tasks/open-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { softprompt } from '../cli/spawn-softprompt.js';
import { TINY_MODEL } from './word-task.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-keep-best-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Messages of three classes, each told by words of its own, among words that all have. */
const WORDS = {
  billing: ['invoice', 'charged', 'refund', 'card', 'payment', 'receipt'],
  delivery: ['parcel', 'courier', 'late', 'address', 'tracking', 'arrived'],
  account: ['password', 'login', 'email', 'profile', 'locked', 'username'],
};
const FILLERS = ['hello', 'please', 'my', 'the', 'again', 'today', 'order', 'thanks', 'help', 'since'];
function messages(count: number, offset: number): string[] {
  const lines = ['text,label'];
  for (let i = 0; i < count; i++) {
    const [label, words] = Object.entries(WORDS)[i % 3]!;
    const at = (list: readonly string[], step: number) => list[(i * step + offset) % list.length];
    lines.push(`${at(FILLERS, 3)} ${at(words, 5)} ${at(FILLERS, 7)} ${at(words, 1)},${label}`);
  }
  return lines;
}
const write = async (name: string, lines: readonly string[]) => {
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
};

test('a bag of words is kept where it is right more often, behind the same predict and evaluate', async () => {
  const train = await write('train.csv', messages(45, 0));
  const test = await write('test.csv', messages(12, 2));
  const out = join(folder, 'kept');
  const labels = Object.fromEntries(Object.keys(WORDS).map((key) => [key, ` ${key}`]));
  const result = await tunePrompt({
    ...{ model: TINY_MODEL, template: '[soft:2]{text} it is{label}', labels, train, test, out },
    ...{ method: 'auto', maxSteps: 4, threads: 1 },
  });
  assert.equal(result.kept, 'bag of words');
  assert.equal(result.valid!.examples, 45, 'few rows validate one another');
  const names = result.scores.map(({ name }) => name);
  assert.ok(names.includes('bag of words') && names.includes('head'), names.join());
  assert.equal(result.verdict!.split, 'test');
  assert.match(result.verdict!.text, /^Of 12 test texts, the prompt labels \d+ right \(bag of words \d+: /);
  const open = await openPrompt(out, { threads: 1 });
  const [billing, account] = await predict(open, [{ text: 'hello refund invoice' }, { text: 'my password is locked' }]);
  assert.equal(billing!.label, 'billing');
  assert.equal(account!.label, 'account');
  const report = await evaluatePrompt(open, { data: test });
  assert.ok(report.accuracy >= 11 / 12, `${report.accuracy}`);
  assert.equal(report.kept, 'bag of words');
  assert.match(
    report.verdict.text,
    /^Of 12 test texts, the bag of words labels 1[12] right \(always 'billing' 4: measurably more\)/,
  );
  await open.close();
  const file = join(folder, 'labels.csv');
  const written = await softprompt(['predict', out, '--data', test, '--out', file, '--threads', '1']);
  assert.equal(written.code, 0, written.stderr);
  const [header, first] = (await readFile(file, 'utf8')).split('\n');
  assert.equal(header, 'text,label,probability');
  assert.match(first!, /,billing,0\.\d+$/);
});

test('a prompt is evaluated beside the words that it was tuned beside', async () => {
  const train = await write('more.csv', messages(45, 0));
  const test = await write('other.csv', messages(12, 2));
  const out = join(folder, 'beside');
  const labels = Object.fromEntries(Object.keys(WORDS).map((key) => [key, ` ${key}`]));
  await tunePrompt({
    ...{
      model: TINY_MODEL,
      template: '[soft:2]{text} it is{label}',
      labels,
      train,
      out,
      maxSteps: 1,
      folds: 2,
      head: false,
    },
  });
  const { code, stdout } = await softprompt(['evaluate', out, '--data', test, '--threads', '1', '--json']);
  assert.equal(code, 0);
  const { verdict, kept } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  assert.equal(kept, 'prompt');
  assert.deepEqual(
    verdict.against.map(({ name }: { name: string }) => name),
    ['bag of words', "always 'billing'"],
  );
  assert.ok(verdict.against[0].right >= 11);
});
