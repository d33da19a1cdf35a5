import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import type { RecommenderRecord } from './recommender-record.js';

/** What the card tells of a saved recommender. */
export interface CardFacts extends Pick<RecommenderRecord, 'protocol' | 'life'> {
  readonly recommender: { readonly items: readonly string[]; readonly itemItem: unknown };
  readonly users: readonly string[];
  readonly histories: { readonly items: ArrayLike<number> };
  readonly reading: { readonly template: string; readonly baseModel: { readonly source: string } } | undefined;
  readonly metrics: JsonValue;
  readonly refitted: boolean;
}

const SHOWN = ['recall@10', 'ndcg@10', 'mrr@10'];

/** The README.md of a recommender's folder: what it is, how good, how to use it, what it holds of people. */
export function recommenderCard(saved: CardFacts): string {
  const { recommender, users, histories, reading, life, protocol } = saved;
  const { items, itemItem } = recommender;
  const { test, testIntervals } = (saved.metrics ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const parts = [
    'a sequence network that reads histories',
    ...(reading
      ? [`texts of the items, read by the frozen model \`${reading.baseModel.source}\` as \`${reading.template}\``]
      : []),
    ...(itemItem ? ['an item-item model of what was chosen together'] : []),
  ];
  const rows = SHOWN.flatMap((name) => {
    const value = test?.[name];
    if (typeof value !== 'number') return [];
    const interval = testIntervals?.[name];
    const range = Array.isArray(interval) ? interval.map((end) => Number(end).toFixed(4)).join(' to ') : '–';
    return [`| ${name} | ${value.toFixed(4)} | ${range} |`];
  });
  return `${[
    '---\nlibrary_name: softprompt\ntags:\n  - recommendation\n---',
    '# A recommender',
    `${items.length} items, ${users.length} users, ${histories.items.length} interactions. It is made of ${parts.join('; ')}.`,
    ...(rows.length > 0
      ? [
          '## Scores',
          `${protocol}. Whole catalogue, history hidden; in the last column 95 % intervals over users.`,
          ['| figure | test | 95 % |', '|---|---|---|', ...rows].join('\n'),
        ]
      : []),
    '## How to use it',
    '```sh\nnpx softprompt recommend for FOLDER --user ID --explain\nnpx softprompt recommend update FOLDER --interactions new.csv\nnpx softprompt recommend inspect FOLDER\n```',
    '## People',
    users.length === 0
      ? 'This folder holds nobody: no ids, no histories. What is learned of people rests in weights that all share.'
      : `This folder holds ids and histories of people: \`users.jsonl\`, \`histories.safetensors\`${life?.sinceFit ? ', `since-fit.jsonl`' : ''}. \`npx softprompt recommend forget FOLDER ID\` removes someone; \`--without-histories\` at the fit keeps nobody.`,
    '## Limits',
    `The scores are of people and items like those of its data; they say nothing of what a shop gains.${saved.refitted ? ' The network that serves has learned from everything and was not measured itself.' : ''}`,
  ].join('\n\n')}\n`;
}
