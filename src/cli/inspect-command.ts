import type { Example } from '../data/example.js';
import { loadExamples } from '../data/load-examples.js';
import { settle } from '../options/settle.js';
import { holdsExplanations } from '../recommend/explanations/explanation-folder.js';
import { holdsPreference } from '../recommend/preference/preference-folder.js';
import { INSPECT_PREFERENCE } from '../recommend/preference/preference-options.js';
import { holdsProfile } from '../recommend/profile-file.js';
import { explainDecision, summarizeDecisions } from '../tasks/inspection/inspect-decision.js';
import { formatDecision, formatDecisionSummary } from '../tasks/inspection/inspect-format.js';
import { formatLearned, inspectLearned } from '../tasks/inspection/inspect-learned.js';
import { inputFields } from '../tasks/made-rows/text-rows.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { numbersOf } from '../tasks/prompt-folder/saved-prompt.js';
import { onlyField } from '../tasks/text-task.js';
import { INSPECT } from '../tasks/use-options.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { noteOtherModel } from './other-model-note.js';
import { createOutput } from './output.js';
import { type TableFlags, tableOptions } from './table-flags.js';

export async function inspectCommand(
  folder: string,
  text: string | undefined,
  flags: Flags & SharedFlags & TableFlags,
): Promise<void> {
  if (holdsPreference(folder)) {
    await (await import('./preference-command.js')).inspectPreferenceCommand(folder, flags);
    return;
  }
  if (holdsExplanations(folder)) {
    await (await import('./explain-command.js')).inspectExplanationsCommand(folder, flags);
    return;
  }
  const { history } = optionsFrom(INSPECT_PREFERENCE, flags);
  if (holdsProfile(folder) && history !== undefined) {
    await (await import('./profile-command.js')).inspectProfileCommand(folder, history, flags);
    return;
  }
  const output = createOutput(flags.json ?? false);
  const asked = settle(INSPECT, optionsFrom(INSPECT, flags), 'FLAG_INVALID');
  const options = { ...modelOptions(flags), model: asked.model };
  const prompt = await openPrompt(folder, { ...options, ...loadingProgress(options, output) });
  noteOtherModel(prompt, output);
  const { saved, task } = prompt;
  const inspection = await inspectLearned(saved, task.model, { words: asked.words, threads: flags.threads });
  output.say(formatLearned(inspection));

  const fields = inputFields(task.compiled.template);
  const examples: Example[] =
    text === undefined ? [] : [{ id: 'text', fields: { [onlyField(fields)]: text }, label: undefined }];
  if (asked.data !== undefined) {
    const { columns, labelColumn } = asked;
    const labelled = { fields, columns, labelColumn, earlier: saved.columns, labels: task.labelKeys };
    const rows = await loadExamples(asked.data, { ...labelled, ...tableOptions(flags) });
    for (const row of rows.slice(0, asked.limit)) examples.push(row);
  }
  const explanations = [];
  for (const example of examples) {
    const sequence = task.compiled.encode(example);
    const explanation = await explainDecision(task, numbersOf(saved), sequence, saved.calibration);
    explanations.push(explanation);
    output.event({ event: 'decision', id: example.id, ...explanation });
    output.say(`\n${formatDecision(explanation, { color: process.stdout.isTTY, width: output.width })}`);
  }
  const summary = explanations.length > 1 ? summarizeDecisions(explanations, saved.learned.tokens) : undefined;
  if (summary !== undefined) output.say(`\n${formatDecisionSummary(summary)}`);
  output.result({ ...inspection, ...(summary === undefined ? {} : { summary }) });
}
