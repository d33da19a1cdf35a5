import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where softprompt keeps what it can make again: SOFTPROMPT_CACHE, else softprompt in XDG_CACHE_HOME or ~/.cache. */
export function defaultCacheFolder(): string {
  const { SOFTPROMPT_CACHE, XDG_CACHE_HOME } = process.env;
  return SOFTPROMPT_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'softprompt');
}
