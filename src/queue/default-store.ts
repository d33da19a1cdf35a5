import { join } from 'node:path';
import { defaultCacheFolder } from '../files/cache-folder.js';

/** Where files lie where nobody says it: workers of this machine find them there. */
export const defaultStore = (cacheFolder = defaultCacheFolder()): string =>
  process.env.SOFTPROMPT_STORE || join(cacheFolder, 'queue', 'store');
