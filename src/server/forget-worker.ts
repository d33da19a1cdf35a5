import { parentPort, workerData } from 'node:worker_threads';
import { forgetUsers } from '../recommend/life/forget-users.js';
import { forgetAnswers } from '../recommend/preference/forget-answers.js';
import { holdsPreference } from '../recommend/preference/preference-folder.js';

/** Removes someone from a recommender's folder beside the thread that hears requests; see `erasure`. */
const { folder, user } = workerData as { readonly folder: string; readonly user: string };
const { forgotten, events } = holdsPreference(folder)
  ? await forgetAnswers(folder, [user], { skipUnknown: true })
  : await forgetUsers(folder, [user], { skipUnknown: true });
parentPort!.postMessage({ forgotten, events });
