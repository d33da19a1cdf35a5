import { join, relative } from 'node:path';
import { alignColumns, formatScores } from '../evaluation/score-table.js';
import type { Given } from '../options/option.js';
import { settle } from '../options/settle.js';
import { packageVersion } from '../package-version.js';
import type { FitEvent } from '../recommend/fit-events.js';
import { writeReport } from '../report/write-report.js';
import { currentRuntime } from '../runtime/load-runtime.js';
import { softpromptCommand } from '../shell-command.js';
import { type TuneEvent, VALIDATING } from '../tasks/tune-events.js';
import { fitSampleBooks, type SampleBooks } from '../tour/sample-books.js';
import {
  learnSampleSentiment,
  SAMPLE_TASKS,
  type SampleLanguage,
  type SampleSentiment,
} from '../tour/sample-sentiment.js';
import { TOUR } from '../tour/tour-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { listedItems } from './listed-json.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, endProgress, formatSeconds, type Output } from './output.js';
import { signed } from './ranking-text.js';

const FOLDERS: Readonly<Record<SampleLanguage, string>> = { Chinese: 'sentiment-zh', English: 'sentiment-en' };

/** A tour: the main job on the embedded model and the sample data, in a few minutes, without network. */
export async function startCommand(flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const began = performance.now();
  await currentRuntime(); // rather missing now than after writing samples
  const given = optionsFrom(TOUR, flags);
  const plan = settle(TOUR, given, 'FLAG_INVALID');
  const { out, seed, maxSteps, epochs, overwrite } = plan;
  const signal = abortOnInterrupt(() => output.say('Stopping … (Ctrl-C again to leave at once)'));
  const shared = { seed, threads: flags.threads, overwrite };
  const hooks = { ...modelOptions(flags), signal };
  output.say(
    `softprompt ${packageVersion()}: a tour on the embedded model, in two or three minutes. Nothing is downloaded.\n`,
  );
  const sentiments: SampleSentiment[] = [];
  for (const language of ['Chinese', 'English'] as const) {
    output.say(`${sentiments.length + 1}  A prompt for ${language} sentiment: ${SAMPLE_TASKS[language].template}`);
    const learned = await learnSampleSentiment(
      language,
      join(out, FOLDERS[language]),
      { ...shared, maxSteps },
      { ...hooks, onEvent: (event) => tellTuning(event, output) },
    );
    endProgress();
    if (!('scores' in learned)) return interrupted(learned.tuned.out, given, output);
    saySentiment(learned, output);
    sentiments.push(learned);
  }

  output.say('3  Books for readers: real public-domain books, SIMULATED readers');
  const books = await fitSampleBooks(
    join(out, 'books'),
    { ...shared, network: epochs === undefined ? undefined : { epochs } },
    { ...hooks, onEvent: (event) => tellFitting(event, output) },
  );
  endProgress();
  if (!('served' in books)) return interrupted(books.fitted.out, given, output);
  sayBooks(books, output);
  const report = join(out, 'report.html');
  await writeReport(report, join(out, 'books'), { ...modelOptions(flags), threads: flags.threads });

  const seconds = (performance.now() - began) / 1000;
  const peakRssMib = process.resourceUsage().maxRSS / 1024;
  sayNext(out, seconds, peakRssMib, output);
  output.result({
    out,
    seconds,
    peakRssMib,
    report,
    sentiment: sentiments.map(({ language, tuned: { verdict }, scores, predictions }) => ({
      ...{ language, verdict, scores, predictions },
    })),
    books: {
      verdict: books.fitted.verdict,
      test: books.fitted.test,
      baselines: books.fitted.baselines?.map(({ name, test, difference }) => ({ name, test, difference })),
      served: {
        reader: books.served.reader,
        lately: books.served.lately,
        list: listedItems(books.served.recommendations),
      },
    },
  });
}

function interrupted(folder: string, { out, seed, maxSteps, epochs }: Given<typeof TOUR>, output: Output): void {
  const flags = Object.entries({ out, seed, 'max-steps': maxSteps, epochs });
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  output.say(`Interrupted; what is learned is kept. The tour goes on with:\n  ${softpromptCommand('start', ...given)}`);
  output.result({ ended: 'interrupted', out: folder });
  process.exitCode = 130;
}

function tellTuning(event: TuneEvent, output: Output): void {
  output.event(event);
  if (event.event === 'scoring') {
    if (event.what === VALIDATING) output.within(event.what, event.done, event.all);
    else output.progress(event.what, event.done, event.all);
  }
  if (event.event === 'step') {
    output.progress('learning the prompt', event.step, event.steps, `${formatSeconds(event.secondsLeft)} left`);
  } else if (event.event === 'data') {
    output.say(`   ${event.train} sentences to learn from, ${event.valid} to choose by, ${event.test} to test on`);
  }
}

function tellFitting(event: FitEvent, output: Output): void {
  output.event(event);
  if (event.event === 'reading') output.progress('reading the books', event.done, event.all);
  else if (event.event === 'epoch') {
    const detail = `validation NDCG@10 ${event.validation.toFixed(4)}`;
    output.progress(`learning from ${event.network}`, event.epoch, event.epochs, detail);
  } else if (event.event === 'refit') {
    output.progress('learning from all choices, to serve', event.epoch, event.epochs);
  } else if (event.event === 'data') {
    output.say(
      `   ${event.users} readers, ${event.items} books, ${event.interactions} choices; the last of each is tested`,
    );
  }
}

function saySentiment({ tuned, scores, predictions, inspection }: SampleSentiment, output: Output): void {
  if (tuned.verdict) output.say(`   ${tuned.verdict.text}\n`);
  const rows = scores.map(({ name, scores: { accuracy } }) => ({
    name: `   ${name.replace('written prompt', 'the same words, unlearned')}`,
    scores: { accuracy: accuracy! },
  }));
  output.say(formatScores(rows, output.width));
  output.say('   New sentences:');
  for (const { text, label, probabilities } of predictions) {
    output.say(`   ${label} ${(100 * probabilities[label]!).toFixed(0)} %  ${text}`);
  }
  output.say('   Inside the prompt: the words nearest to its tokens, with cosines; they can mislead');
  for (const { token, nearest, drift } of inspection.tokens.slice(-3)) {
    const words = nearest.map(({ word, cosine }) => `'${word}' ${cosine.toFixed(2)}`).join('  ');
    output.say(`   [${token}]${drift?.from === undefined ? '' : ` from '${drift.from}'`}: ${words}`);
  }
  const { nearestCosine } = inspection.vocabulary;
  output.say(`   (between real words and their nearest other word: ${nearestCosine.toFixed(2)})\n`);
}

function sayBooks({ fitted, titles, served }: SampleBooks, output: Output): void {
  const row = (name: string, figures: Readonly<Record<string, number>>, against = '') => [
    `   ${name}`,
    figures['ndcg@10']!.toFixed(4),
    figures['recall@10']!.toFixed(4),
    against,
  ];
  const baselines = (fitted.baselines ?? []).map(({ name, test, difference: { difference, interval } }) =>
    row(name, test, `${signed(difference)} [${signed(interval[0])}, ${signed(interval[1])}]`),
  );
  const heading = ['   the whole catalogue ranked', 'NDCG@10', 'recall@10', 'recommender better by [95 %]'];
  if (fitted.verdict) output.say(`   ${fitted.verdict.text}\n`);
  output.say(alignColumns([heading, row('recommender', fitted.test!), ...baselines], output.width));
  const { reader, lately, recommendations } = served;
  output.say(
    '   The figures are of a network that never saw the last two choices of anyone; the one that serves learned from all.',
  );
  output.say(`\n   ${reader} (simulated) lately read ${lately.join(' · ')}. Five to go on with:`);
  recommendations.forEach(({ item, attributes, because }, i) => {
    const reasons = (because ?? []).slice(0, 2).map((reason) => titles.get(reason.item) ?? reason.item);
    const why = reasons.length === 0 ? '' : `, because of ${reasons.join(' and ')}`;
    output.say(`   ${i + 1}. ${attributes.title ?? item} (${attributes.author})${why}`);
  });
}

function sayNext(out: string, seconds: number, peakRssMib: number, output: Output): void {
  const folder = relative('.', out) || '.';
  const labels = '{"good":" good","bad":" bad"}';
  const template = '[soft:16]{text}[soft:" Verdict:"]{label}.';
  const own = ['--interactions', 'interactions.csv', '--items', 'items.csv'];
  const commands = (...lines: readonly string[][]) =>
    lines.map((words) => `  ${softpromptCommand(...words)}`).join('\n');
  output.say(`
${formatSeconds(seconds)}, at most ${Math.round(peakRssMib)} MiB of memory. ${folder}/report.html shows the books to a browser. These folders are ready to use:
${commands(
  ['predict', `${folder}/sentiment-zh`, '味道很好，下次还来'],
  ['predict', `${folder}/sentiment-en`, 'a warm , funny film'],
  ['recommend', 'for', `${folder}/books`, '--history', 'dracula,frankenstein', '--explain'],
)}
Next, on files of your own (text,label and user,item,time with items' titles):
${commands(
  [
    ...['tune', '--model', 'embedded', '--train', 'reviews.csv', '--labels', labels],
    ...['--template', template, '--out', 'my-prompt'],
  ],
  ['recommend', 'fit', '--model', 'embedded', ...own, '--out', 'my-recommender'],
)}
A larger model is a flag away: --model HuggingFaceTB/SmolLM2-135M-Instruct`);
}
