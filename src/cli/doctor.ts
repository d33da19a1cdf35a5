import { readFile } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { defaultCacheFolder } from '../files/cache-folder.js';
import { type HubOptions, hubCacheFolder } from '../hub/hub-settings.js';
import {
  type Check,
  checkCache,
  checkDuckDb,
  checkHub,
  checkMemory,
  checkNode,
  checkProcessor,
} from './doctor-checks.js';
import { checkRuntimes } from './doctor-runtimes.js';

export type { Check } from './doctor-checks.js';

export interface DoctorOptions {
  /** As given to the other commands: cache folder, endpoint, token, offline mode of the hub. */
  readonly hub?: HubOptions;
  /** softprompt's own cache. Default: `defaultCacheFolder()`. */
  readonly cacheFolder?: string;
}

/** Looks at all that softprompt needs of this machine: takes some seconds. No check throws. */
export async function diagnose({
  hub = {},
  cacheFolder = defaultCacheFolder(),
}: DoctorOptions = {}): Promise<readonly Check[]> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => undefined);
  return [
    checkNode(process.versions.node),
    checkProcessor(process.arch, cpuinfo),
    checkMemory(Math.min(freemem(), withinLimits()), totalmem()),
    ...(await checkRuntimes(availableParallelism())),
    await checkDuckDb(),
    await checkCache('Cache', cacheFolder, 'SOFTPROMPT_CACHE'),
    await checkCache('Hub cache', hub.cacheFolder ?? hubCacheFolder(), 'HF_HUB_CACHE'),
    await checkHub(hub),
  ];
}

/** Bytes left below the limits of a container; nothing is known of them before Node 20.13. */
function withinLimits(): number {
  return process.availableMemory?.() ?? Number.POSITIVE_INFINITY;
}

/** The checks as lines for a terminal, what to do below what is not well, and a summary. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, detail, fix }) => [
    `${status.padEnd(4)}  ${name.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 8)}${fix}`]),
  ]);
  return [...lines, '', summary(checks)].join('\n');
}

function summary(checks: readonly Check[]): string {
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed > 0) return `${failed} of ${checks.length} checks failed: softprompt cannot work until they are mended.`;
  return warned > 0 ? `Ready, with ${warned} warning${warned > 1 ? 's' : ''}.` : 'Ready.';
}
