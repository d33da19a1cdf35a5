import type { SavedExplanations } from './explanation-folder.js';
import { formatExplanationReports } from './explanation-report.js';
import type { ExplanationTable } from './learn-explanations.js';

/** The lines of a table: what was learned, its baselines and ablations. */
export function explanationLines(table: Partial<ExplanationTable>): Parameters<typeof formatExplanationReports>[0] {
  const { test, valid, baselines = {}, ablations = {} } = table;
  const named = (reports: typeof baselines) =>
    Object.entries(reports).map(([name, report]) => [name.replaceAll('_', ' '), report] as const);
  return [
    ...(test ? [['test', test] as const] : []),
    ...(valid ? [['validation', valid] as const] : []),
    ...named(baselines),
    ...named(ablations),
  ];
}

/** README.md of a folder of explanations. */
export function explanationCard(
  { plan, baseModel, learned, known }: SavedExplanations,
  table: ExplanationTable,
): string {
  const indented = formatExplanationReports(explanationLines(table)).replaceAll(/^/gm, '    ');
  return `---
library_name: softprompt
base_model: ${baseModel.hub?.repository ?? baseModel.source}
tags: [soft-prompt, recommendation, explanation]
---

# Why this one?

A prompt for the frozen model ${baseModel.source}, learned with softprompt by the method \`${plan.method}\`: ${learned.length.toLocaleString('en')} numbers.
It writes a sentence for a user and an item, as reviews have it. It says what people who are like this write, not why the item was recommended.

    ${plan.template}

Learned from ${known.users.ids.length.toLocaleString('en')} users and ${known.items.ids.length.toLocaleString('en')} items. Of their reviews the folder holds sums of vectors and counts of features.

${indented}

    npx softprompt recommend explain FOLDER --user ID --items A,B,C
`;
}
