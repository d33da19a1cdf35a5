import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { readResult } from '../../src/jobs/ended-job.js';
import { fitRecommender } from '../../src/recommend/fit-recommender.js';
import { reportPage } from '../../src/report/report-page.js';
import { writeReport } from '../../src/report/write-report.js';
import { compareMethods } from '../../src/tasks/comparison/compare-methods.js';
import { designPrompt } from '../../src/tasks/design/design-prompt.js';
import { searchPrompt } from '../../src/tasks/prompt-search/search-prompt.js';
import { shortenPrompt } from '../../src/tasks/shorten/shorten-prompt.js';
import { tunePrompt } from '../../src/tasks/tune-prompt.js';
import { makeWorld } from '../jobs/runs.js';
import { checkInBrowser, skipsBrowser } from './browser.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-report-'));
const world = join(scratch, 'world');
const at = (name: string) => join(scratch, name);
const learning = { template: '[soft:4]{text} so{label}', labels: { '0': 'x', '1': 'o' }, seed: 0, threads: 1 };

before(async () => {
  makeWorld(world);
  const files = { model: join(world, 'model'), train: join(world, 'train.jsonl'), valid: join(world, 'valid.jsonl') };
  await tunePrompt({ ...files, ...learning, out: at('prompt'), maxSteps: 12, evaluateEvery: 4 });
  await fitRecommender({
    ...{ interactions: join(world, 'interactions.csv'), items: join(world, 'items.csv'), out: at('shop') },
    ...{ network: { width: 8, epochs: 3 }, baselines: true, onlyBaselines: ['popularity', 'itemKnn'], threads: 1 },
  });
  await compareMethods({
    ...{ ...files, ...learning, out: at('comparison'), methods: ['soft', 'head'], seeds: 2, maxSteps: [4] },
  });
});

/** What stands in a page, with the checks that hold for every one. */
function page(path: string) {
  assert.ok(statSync(path).size < 1e6);
  const text = readFileSync(path, 'utf8');
  assert.doesNotMatch(
    text.replaceAll('http://www.w3.org/', ''),
    /https?:|<script|<link|@import|url\(/,
    'needs no network',
  );
  const { document } = parseHTML(text);
  const titles = [...document.querySelectorAll('h2')].map((heading) => heading.textContent);
  const figures = [...document.querySelectorAll('figure')];
  for (const figure of figures) {
    assert.equal(figure.querySelector('svg')?.getAttribute('role'), 'img');
    assert.ok(figure.querySelector('svg')?.getAttribute('aria-label'), 'a picture says what it shows');
    assert.ok(figure.querySelectorAll('table tr').length > 1, 'its numbers stand beside it');
  }
  return { text, document, titles, figures };
}

test('a prompt: verdict, figures with intervals, confusion, calibration, curves, nearest words, cost', async () => {
  await writeReport(at('prompt.html'), at('prompt'));
  const { titles, document, figures, text } = page(at('prompt.html'));
  assert.deepEqual(titles, [
    ...['Verdict', 'Beside its baselines', 'Which labels are confused', 'How sure it is', 'How it learned'],
    ...['What the prompt looks at', 'What it costs'],
  ]);
  const { verdict, scores } = (await readResult(at('prompt'))) as unknown as {
    verdict: { text: string };
    scores: { name: string; scores: { accuracy: number }; intervals: { accuracy: [number, number] } }[];
  };
  assert.equal(document.querySelector('.verdict')?.textContent, verdict.text);
  const [first] = scores;
  assert.ok(
    text.includes(
      `${first!.scores.accuracy.toFixed(3)} [${first!.intervals.accuracy.map((end) => end.toFixed(3)).join(', ')}]`,
    ),
  );
  for (const { name } of scores) assert.ok(figures[0]!.textContent?.includes(name), `no bar for ${name}`);
  assert.equal(document.querySelectorAll('section:nth-of-type(6) tbody tr').length, 4, 'a row a learned token');
});

test('a recommender: baselines, people in titles without their ids, popularity, history of its networks', async () => {
  await writeReport(at('shop.html'), at('shop'));
  const { titles, document, text } = page(at('shop.html'));
  assert.deepEqual(titles, [
    ...[
      'Verdict',
      'Beside its baselines',
      'Sample people',
      'Popularity and coverage',
      'How it learned',
      'What it costs',
    ],
  ]);
  const people = [...document.querySelectorAll('.person')];
  assert.equal(people.length, 4);
  for (const person of people) {
    assert.match(person.textContent ?? '', /lately chose word [a-l] · word [a-l].* is shown:/s);
    assert.equal(person.querySelectorAll('li').length, 5);
  }
  assert.match(document.querySelector('.why')?.textContent ?? '', /because of word/);
  assert.doesNotMatch(text, />u\d+<|\bu\d+\b(?!\w)/, 'nobody is named');
  assert.match(text, /ItemKNN/);
});

test('a comparison: what to take, methods beside each other, what each costs', async () => {
  await writeReport(at('comparison.html'), at('comparison'));
  const { titles, text } = page(at('comparison.html'));
  assert.equal(titles[0], 'Which to take');
  assert.match(text, /numbers learned/);
});

test('prompts that were found: words with their template, a design, a short one beside the long one', async () => {
  const files = { model: join(world, 'model'), train: join(world, 'train.jsonl'), valid: join(world, 'valid.jsonl') };
  const { labels, threads } = learning;
  await searchPrompt({ ...files, template: 'is it x{text} so{label}', labels, maxCalls: 4, threads, out: at('found') });
  await designPrompt({
    ...files,
    tokens: 4,
    maxSteps: 3,
    minutes: 5,
    threads,
    shots: 8,
    valid: undefined,
    out: at('designed'),
  });
  await shortenPrompt({
    ...files,
    model: undefined,
    prompt: at('prompt'),
    tokens: 2,
    maxSteps: 3,
    threads,
    out: at('short'),
  });
  for (const [name, row] of [
    ['found', 'found prompt'],
    ['designed', 'learned prompt'],
    ['short', 'long prompt'],
  ] as const) {
    await writeReport(at(`${name}.html`), at(name));
    const { titles, text } = page(at(`${name}.html`));
    assert.ok(titles.includes('Beside its baselines') && text.includes(row), `${name}: ${titles}`);
  }
  assert.match(readFileSync(at('found.html'), 'utf8'), /words of the template:\s*.*\{text\} so\{label\}/);
});

test('of a folder that kept no result the record tells; what cannot be opened is said', async () => {
  cpSync(at('prompt'), at('older'), { recursive: true });
  rmSync(join(at('older'), 'result.json'));
  const record = join(at('older'), 'softprompt.json');
  writeFileSync(record, readFileSync(record, 'utf8').replaceAll(join(world, 'model'), '/gone'));
  await writeReport(at('older.html'), at('older'));
  const { titles, text } = page(at('older.html'));
  assert.deepEqual(titles, ['Beside its baselines', 'How it learned', 'What it costs', 'What is missing']);
  assert.match(text, /\/gone/);
  await assert.rejects(writeReport(at('none.html'), at('nothing')), { code: 'PROMPT_FOLDER_INCOMPLETE' });
});

test('a file that is no report is never written over', async () => {
  writeFileSync(at('mine.html'), '<h1>mine</h1>');
  await assert.rejects(writeReport(at('mine.html'), at('prompt')), { code: 'DATA_OUTPUT_EXISTS' });
  await assert.rejects(writeReport(at('data.csv'), at('prompt')), { code: 'FLAG_INVALID' });
  assert.equal(readFileSync(at('mine.html'), 'utf8'), '<h1>mine</h1>');
  assert.ok(!existsSync(at('data.csv')));
});

test("texts of the data are escaped, and a label's name is no markup", () => {
  const label = '<img src=x onerror=alert(1)>';
  const interval = [0.4, 0.6] as const;
  const report = {
    ...{ examples: 2, accuracy: 0.5, macroF1: 0.5, nll: 1, expectedCalibrationError: 0.1, reliability: [] },
    intervals: { level: 0.95, resamples: 1, seed: 0, accuracy: interval, macroF1: interval },
    labels: [label, 'b'].map((label) => ({ label, precision: 1, recall: 1, f1: 1 })),
    confusion: [
      [1, 0],
      [1, 0],
    ],
  };
  const text = reportPage({ title: label, about: label, result: { test: report }, history: [] });
  assert.doesNotMatch(text, /<img/);
  assert.match(text, /&#60;img/);
});

test('in a browser: both themes, nothing from the network, nothing serious for axe', {
  skip: skipsBrowser(),
}, async () => {
  await writeReport(at('prompt.html'), at('prompt'));
  await writeReport(at('shop.html'), at('shop'));
  await writeReport(at('comparison.html'), at('comparison'));
  for (const name of ['prompt.html', 'shop.html', 'comparison.html']) {
    for (const theme of ['light', 'dark'] as const) {
      const { requests, violations, overflow } = await checkInBrowser(at(name), theme);
      assert.deepEqual(requests, [], `${name} asks the network`);
      assert.deepEqual(violations, [], `${name}, ${theme}`);
      assert.ok(!overflow, `${name} is wider than a telephone`);
    }
  }
});
