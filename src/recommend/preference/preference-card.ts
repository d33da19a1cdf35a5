import type { SavedPreference } from './preference-folder.js';
import { type PreferenceTable, preferenceTableRows } from './preference-table.js';

/** README.md of a preference's folder. */
export function preferenceCard(saved: SavedPreference, table: PreferenceTable): string {
  const { plan, baseModel, learned, answers, learnedFrom } = saved;
  const [head, ...rows] = preferenceTableRows(table);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [line(head!), line(head!.map(() => '---')), ...rows.map(line)];
  return `---
library_name: softprompt
base_model: ${baseModel.hub?.repository ?? baseModel.source}
tags: [soft-prompt, recommendation, preference]
---

# Will this person like this thing?

A prompt for the frozen model ${baseModel.source}, learned with softprompt: ${learned.length.toLocaleString('en')} numbers, by the method
\`${plan.method}\` and maps that make rows of the prompt of what is known of a person and a thing.

    ${plan.template}

It was learned from ${learnedFrom.toLocaleString('en')} answers and knows ${answers.length.toLocaleString('en')}. Rates are made of the answers '${plan.statistics}'.

${lines.join('\n')}

AUC over all rows; per user, the mean over users with both answers; warm users have training rows.

    npx softprompt recommend preference for FOLDER --user ID --candidates A,B,C
`;
}
