import { listedIds } from '../data/interactions/read-ids.js';
import { SoftpromptError } from '../errors.js';
import { formatTemplate } from '../prompt/template.js';
import { openTitleScorer } from '../recommend/titles/open-title-scorer.js';
import { recommendWords, type WordsRecommendation } from '../recommend/titles/recommend-words.js';
import { itemCodes } from '../recommend/titles/titled-items.js';
import { candidateCodes, readWordsCatalogue } from '../recommend/titles/words-catalogue.js';
import { interactionSource, readingOptions } from './data-flags.js';
import { modelOptions, required } from './flags.js';
import { listedItems, named } from './listed-json.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput } from './output.js';
import { noteOtherModel } from './predict-command.js';
import { checkRequestFlags } from './request-flags.js';
import { tableOptions } from './table-flags.js';
import { scoringOf, type WordsFlags } from './words-flags.js';

export async function wordsCommand(flags: WordsFlags): Promise<void> {
  checkRequestFlags(flags);
  if (flags.prompt !== undefined && flags.template !== undefined) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: 'Both --prompt and --template',
      expected: 'one of them: a learned prompt has its template',
      fix: 'Leave one out.',
    });
  }
  const items = required(flags.items, '--items', 'a file of items with titles');
  const model =
    flags.prompt === undefined
      ? required(flags.model, '--model', 'the frozen model that ranks the titles')
      : flags.model;
  const output = createOutput(flags.json ?? false);
  const catalogue = await readWordsCatalogue({
    ...readingOptions(flags),
    items,
    titleColumn: flags.titleColumn,
    interactions: interactionSource(flags),
  });
  const listed = listedIds(flags.history ?? '');
  const history = flags.user === undefined ? itemCodes(catalogue, listed) : catalogue.historyOf(flags.user);
  const candidates = await candidateCodes(catalogue, history, flags.candidates, tableOptions(flags));
  const open = await openTitleScorer(
    model,
    {
      template: flags.template,
      prompt: flags.prompt,
      prior: flags.prior,
      maxLength: flags.maxLength,
      scoring: scoringOf(flags),
    },
    { ...modelOptions(flags), ...loadingProgress(modelOptions(flags), output) },
  );
  try {
    if (open.learned) noteOtherModel(open.learned, output);
    const recommendations = await recommendWords(open.scorer, catalogue, history, candidates, {
      k: flags.k,
      maxHistory: flags.maxHistory,
      explain: flags.explain,
      onProgress: (done, all) => output.progress('reading titles', done, all),
    });
    const { template, scoring } = open.scorer;
    output.result({
      list: listedItems(recommendations.map(asListed)),
      candidates: candidates.length,
      template: formatTemplate(template.parts),
      scoring,
    });
    recommendations.forEach((recommendation, i) => {
      for (const line of describe(i + 1, recommendation)) output.say(line);
    });
  } finally {
    await open.close();
  }
}

/** What is known of an item stands under `attributes`, as in every list. */
function asListed({ title, parts, ...more }: WordsRecommendation) {
  return { ...more, attributes: { title }, ...(parts && { parts: parts.map(named) }) };
}

function describe(place: number, { item, title, score, because, parts }: WordsRecommendation): string[] {
  const lines = [`${String(place).padStart(3)}. ${item}  ${title}  (${score.toFixed(2)})`];
  if (because !== undefined && because.length > 0) {
    lines.push(
      `       because of ${because.map((reason) => `${reason.item} (${reason.weight.toFixed(2)})`).join(', ')}`,
    );
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
