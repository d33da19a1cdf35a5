import type { DataFiles } from '../data/data-files.js';
import { SoftpromptError } from '../errors.js';
import { translate } from '../language/translate.js';
import type { Given } from '../options/option.js';
import { formatTemplate } from '../prompt/template.js';
import { openTitleScorer } from '../recommend/titles/open-title-scorer.js';
import { recommendWords, type WordsRecommendation } from '../recommend/titles/recommend-words.js';
import { WORDS_SCORING, type WordsScoring } from '../recommend/titles/title-scorer.js';
import { itemCodes } from '../recommend/titles/titled-items.js';
import { candidateCodes, readWordsCatalogue, type WordsCatalogue } from '../recommend/titles/words-catalogue.js';
import { RANK_WORDS } from '../recommend/titles/words-options.js';
import { interactionSource, readingOptions } from './data-flags.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { listedItems, named } from './listed-json.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput } from './output.js';
import { checkRequestFlags } from './request-flags.js';
import { tableOptions } from './table-flags.js';
import { loudness } from './voice.js';

export async function wordsCommand(flags: Flags & SharedFlags & DataFiles): Promise<void> {
  const options = optionsFrom(RANK_WORDS, flags);
  const { items, user, prompt, template, prior, titleColumn, maxLength, maxHistory, k, explain } = options;
  checkRequestFlags(options);
  if (prompt !== undefined && template !== undefined) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: 'Both --prompt and --template',
      expected: 'one of them: a learned prompt has its template',
      fix: 'Leave one out.',
    });
  }
  const model =
    prompt === undefined ? required(options.model, '--model', 'the frozen model that ranks the titles') : options.model;
  const output = createOutput(flags.json ?? false);
  const catalogue = await readWordsCatalogue({
    ...readingOptions(flags),
    items,
    titleColumn,
    interactions: interactionSource(flags),
  });
  const history = user === undefined ? itemCodes(catalogue, options.history ?? []) : catalogue.historyOf(user);
  const candidates = await candidateCodes(catalogue, history, options.candidates, tableOptions(options));
  const open = await openTitleScorer(
    model,
    { template, prompt, prior, form: options.form, maxLength, scoring: scoringOf(options) },
    { ...modelOptions(flags), ...loadingProgress(modelOptions(flags), output) },
  );
  try {
    if (open.learned) noteOtherModel(open.learned, output);
    const recommendations = await recommendWords(open.scorer, catalogue, history, candidates, {
      ...{ k, maxHistory, explain },
      onProgress: (done, all) => output.progress('reading titles', done, all),
    });
    const { scorer } = open;
    output.result({
      list: listedItems(recommendations.map(asListed)),
      candidates: candidates.length,
      template: formatTemplate(scorer.template.parts),
      scoring: scorer.scoring,
    });
    recommendations.forEach((recommendation, i) => {
      for (const line of describe(i + 1, recommendation, catalogue)) output.show(line);
    });
  } finally {
    await open.close();
  }
}

/** How a title's likelihood becomes its score, as flags say. */
function scoringOf({ priorWeight, lengthPower }: Given<typeof RANK_WORDS>): WordsScoring {
  return { prior: priorWeight ?? WORDS_SCORING.prior, lengthPower: lengthPower ?? WORDS_SCORING.lengthPower };
}

/** What is known of an item stands under `attributes`, as in every list. */
function asListed({ title, parts, ...more }: WordsRecommendation) {
  return { ...more, attributes: { title }, ...(parts && { parts: parts.map(named) }) };
}

/** A line for people, its reasons below it in titles; raw scores with --verbose. */
function describe(
  place: number,
  { item, title, score, because, parts }: WordsRecommendation,
  { titles, codes }: Pick<WordsCatalogue, 'titles' | 'codes'>,
): string[] {
  const raw = (value: number) => (loudness() === 'verbose' ? ` (${value.toFixed(2)})` : '');
  const lines = [`${String(place).padStart(3)}. ${item}  ${title}${raw(score)}`];
  if (because !== undefined && because.length > 0) {
    const reasons = because.map((reason) => `${titles[codes.get(reason.item)!] || reason.item}${raw(reason.weight)}`);
    lines.push(`       ${translate('because of')} ${reasons.join(' · ')}`);
  }
  const prompt = (parts ?? []).filter((part) => !('item' in part));
  if (prompt.length > 0) {
    const shown = prompt.map((part) => {
      const name = 'words' in part ? part.words.trim() : 'learned' in part ? `<${part.learned}>` : '';
      return `${name} ${part.attribution.toFixed(2)}`;
    });
    lines.push(`       prompt: ${shown.join(' | ')}`);
  }
  return lines;
}
