import { translate } from '../language/translate.js';
import { likelyUsers, similarItems } from '../recommend/about-item.js';
import { AUDIENCE } from '../recommend/selection-options.js';
import type { SharedFlags } from './flags.js';
import { listedItems, listedUsers } from './listed-json.js';
import { type FittedModelFlag, type NewItemsFlags, openWithFlags } from './open-with-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';
import { formatRecommendation } from './recommend-command.js';
import { type SelectionFlags, selectionOptions } from './selection-flags.js';
import { loudness } from './voice.js';

export async function similarCommand(
  folder: string,
  item: string,
  flags: SharedFlags & SelectionFlags & FittedModelFlag & NewItemsFlags,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const open = await openWithFlags(folder, flags, output);
  try {
    const items = await similarItems(open, item, { ...(await selectionOptions(flags)), onNote: output.note });
    output.result({ list: listedItems(items) });
    items.forEach((similar, i) => {
      output.show(formatRecommendation(i + 1, similar));
    });
  } finally {
    await open.close();
  }
}

export async function audienceCommand(
  folder: string,
  item: string,
  flags: Flags & SharedFlags & FittedModelFlag & NewItemsFlags,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const open = await openWithFlags(folder, flags, output);
  try {
    const users = await likelyUsers(open, item, {
      ...optionsFrom(AUDIENCE, flags),
      onProgress: (done, all) => output.progress('asking the users', done, all),
    });
    output.result({ list: listedUsers(users) });
    users.forEach(({ user, score, times }, i) => {
      const often = translate(`${times < 10 ? times.toFixed(1) : Math.round(times)} times the average`);
      const raw = loudness() === 'verbose' ? `, ${translate(`probability ${Math.exp(score).toPrecision(2)}`)}` : '';
      output.show(`${String(i + 1).padStart(3)}. ${user}  (${often}${raw})`);
    });
  } finally {
    await open.close();
  }
}
