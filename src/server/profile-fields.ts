import { idList } from '../data/interactions/list-text.js';
import { SoftpromptError } from '../errors.js';
import { profileFields } from '../recommend/predict-profile.js';
import { holdsProfile, readProfile } from '../recommend/profile-file.js';
import type { OpenPrompt } from '../tasks/open-prompt.js';
import type { Fields } from './served.js';

/** What a profile behind made rows is asked by: item ids, the oldest first. */
const HISTORY = 'history';

/** How a folder's prompt is asked by others than its template's fields; undefined where it is asked by these. */
export async function profileInput(folder: string, { task }: Pick<OpenPrompt, 'task'>) {
  if (!holdsProfile(folder)) return undefined;
  const profile = await readProfile(folder);
  if (profile.rows.size === 0) return undefined;
  return {
    fields: [HISTORY],
    /** @throws FIELD_MISSING, RECOMMEND_REQUEST */
    told: (asked: Fields): Fields => {
      const history = asked[HISTORY];
      if (history !== undefined) return profileFields({ profile, task }, idList(history));
      throw new SoftpromptError('FIELD_MISSING', {
        found: `The request has no '${HISTORY}'`,
        expected: 'the ids of what someone chose, the oldest first, with commas between or as a JSON list',
        fix: `Send {"rows":[{"${HISTORY}":"A,B,C"}]}.`,
      });
    },
  };
}
