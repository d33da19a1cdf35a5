import { randomBytes } from 'node:crypto';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckDB } from '../data/duckdb-rows.js';
import { SoftpromptError } from '../errors.js';
import { HubFailure } from '../hub/hub-errors.js';
import { request } from '../hub/hub-request.js';
import { type HubOptions, hubSettings } from '../hub/hub-settings.js';

/** What one look at this machine found. */
export interface Check {
  readonly name: string;
  /** `warn`: it works, but slowly or not for everything. `fail`: softprompt cannot work. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do; undefined where all is well. */
  readonly fix: string | undefined;
}

const GIB = 2 ** 30;

/** The oldest Node with all that is used here. */
const OLDEST_NODE = [20, 3] as const;

/** @param version as in `process.versions.node` */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return ok('Node.js', version);
  return fail('Node.js', version, `Install Node.js ${OLDEST_NODE.join('.')} or newer.`);
}

/**
 * The vector instructions that matrix products use.
 * @param architecture as in `process.arch`
 * @param cpuinfo text of /proc/cpuinfo, or undefined where there is none
 */
export function checkProcessor(architecture: string, cpuinfo: string | undefined): Check {
  const name = 'Processor';
  if (architecture !== 'x64') return ok(name, architecture);
  const flags = new Set(
    /^flags\s*:(.*)$/m
      .exec(cpuinfo ?? '')?.[1]
      ?.trim()
      .split(/\s+/),
  );
  if (flags.size === 0) return ok(name, 'x64; its instructions cannot be seen on this system');
  if (flags.has('avx512f')) return ok(name, `x64 with AVX-512${flags.has('avx512_vnni') ? ' and VNNI' : ''}`);
  if (flags.has('avx2')) return ok(name, 'x64 with AVX2, without AVX-512');
  return warn(
    name,
    'x64 without AVX2',
    'Training will be several times slower than on a processor from 2015 or later.',
  );
}

/** Loads DuckDB and asks it something. */
export async function checkDuckDb(): Promise<Check> {
  const name = 'DuckDB';
  try {
    const { connection, close } = await openDuckDB();
    try {
      const [version] = (await (await connection.run('SELECT version()')).getRows()).flat();
      return ok(name, String(version));
    } finally {
      close();
    }
  } catch (error) {
    const [detail, fix] = problemOf(error);
    return warn(name, detail, `Parquet, SQL and --where need it. ${fix}`);
  }
}

/** @param available bytes that can still be had, of `total` */
export function checkMemory(available: number, total: number): Check {
  const detail = `${gib(available)} of ${gib(total)} GiB free`;
  if (available >= 2 * GIB) return ok('Memory', detail);
  const fix =
    'Close other programs. A model takes 4 bytes a weight (SmolLM2-135M 0.5 GiB), a training step more on top.';
  return available >= GIB / 2 ? warn('Memory', detail, fix) : fail('Memory', detail, fix);
}

/**
 * Whether a cache folder can be written, and the room on its disk. The folder is made if it is not there.
 * @param variable the environment variable that names another folder
 */
export async function checkCache(name: string, folder: string, variable: string): Promise<Check> {
  const probe = join(folder, `.doctor.${process.pid}.${randomBytes(4).toString('hex')}`);
  const elsewhere = `set ${variable} to a folder on another disk`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'x'.repeat(4096)).finally(() => rm(probe, { force: true }));
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${folder}, ${gib(free)} GiB free`;
    if (free >= 5 * GIB) return ok(name, detail);
    return warn(name, detail, `Free space for models of several GiB, or ${elsewhere}.`);
  } catch (error) {
    return fail(name, `cannot be written: ${messageOf(error)}`, `Correct its permissions, or ${elsewhere}.`);
  }
}

/** Whether the hub answers within a few seconds, and takes the token. */
export async function checkHub(options: HubOptions, timeoutMs = 3000): Promise<Check> {
  const name = 'Hub';
  try {
    const settings = await hubSettings({ ...options, patience: { stallMs: timeoutMs } });
    const { endpoint, token, offline } = settings;
    if (offline) return ok(name, 'offline mode: only models of the cache and of folders');
    const url = `${endpoint}/api/models?limit=1`;
    await request({ method: 'GET', url }, settings, async () => {});
    return ok(name, `${endpoint} answers${token === undefined ? '; no token is set' : ' and takes the token'}`);
  } catch (error) {
    if (error instanceof SoftpromptError) return warn(name, error.facts.found, error.facts.fix);
    if (!(error instanceof HubFailure)) throw error;
    const fix = 'Check the network, set HF_ENDPOINT to a mirror, or use models of the cache and of folders.';
    return warn(name, error.message, fix);
  }
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, fix: undefined };
}

export function warn(name: string, detail: string, fix: string): Check {
  return { name, status: 'warn', detail, fix };
}

export function fail(name: string, detail: string, fix: string): Check {
  return { name, status: 'fail', detail, fix };
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}

/** What is wrong with a runtime, and what to do. */
export function problemOf(error: unknown): [detail: string, fix: string] {
  if (error instanceof SoftpromptError) return [error.facts.found, error.facts.fix];
  return [`does not run: ${messageOf(error)}`, 'Remove node_modules and install anew.'];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
