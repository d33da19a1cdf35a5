import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type WrittenFile, writeContents } from '../../data/preparation/convert-data.js';
import { checkOutputs } from '../../data/preparation/output-files.js';
import { orUnwritable } from '../../data/writing/output-table.js';
import { SoftpromptError } from '../../errors.js';
import { removeAbandoned, temporaryPath, writeFileAtomically } from '../../files/atomic-file.js';
import { writeFailure } from '../../files/write-failure.js';
import type { HubSettings, Patience } from '../hub-settings.js';
import type { DataSet } from './data-set.js';
import { downloadArchive, md5Of, publishedMd5, WrongDigest } from './download-archive.js';
import type { FetchOptions } from './fetch-options.js';
import { unpackMembers } from './unpack-archive.js';

export interface FetchHooks {
  readonly onProgress?: ((bytes: number, totalBytes: number) => void) | undefined;
  /** What people should know, such as that a zip was not checked. */
  readonly onNote?: ((text: string) => void) | undefined;
  /** Ends the download; what has come is kept for the next one. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Partial<Patience> | undefined;
}

export interface FetchResult {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  readonly terms: string;
  readonly citation: string;
  /** A command to try next. */
  readonly next: string;
}

const PATIENCE: Patience = { stallMs: 20_000, attempts: 3, delayMs: 500, longestDelayMs: 60_000 };

/**
 * Downloads a public data set from its publisher into a folder, checks it against the published digest, and writes it as
 * plain CSV with a header line. A zip that lies in the folder already is taken instead of a download, so it can be
 * brought by hand.
 * @throws DATA_SET_UNREACHABLE, DATA_SET_CHECKSUM, DATA_SET_INVALID, DATA_OUTPUT_EXISTS, DATA_UNWRITABLE
 */
export async function fetchData(
  set: DataSet,
  options: FetchOptions = {},
  hooks: FetchHooks = {},
): Promise<FetchResult> {
  const folder = options.out ?? set.name;
  const source = join(folder, 'SOURCE.md');
  checkOutputs([source], options.overwrite ?? false);
  const zip = await archive(set, folder, options, hooks);
  await orUnwritable(folder, () => mkdir(folder, { recursive: true }));
  const unpacked = join(folder, 'unpacked');
  await removeAbandoned(unpacked);
  const scratch = temporaryPath(unpacked);
  await orUnwritable(folder, () => mkdir(scratch));
  const files: WrittenFile[] = [];
  try {
    const tables = await set.tables(await orUnwritable(folder, () => unpackMembers(zip, set.members, scratch)));
    checkOutputs(
      tables.map(({ file }) => join(folder, file)),
      options.overwrite ?? false,
    );
    const planned = tables.map(({ file, content }) => ({
      path: join(folder, file),
      format: 'csv' as const,
      read: async () => content,
    }));
    files.push(...(await writeContents(planned)));
    // the last: where it stands, the set is whole
    await orUnwritable(source, () => writeFileAtomically(source, sourceText(set)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const { name, terms, citation } = set;
  return { name, folder, files, terms, citation, next: set.next(folder) };
}

/** The set's zip in the folder, its digest checked. */
async function archive(set: DataSet, folder: string, options: FetchOptions, hooks: FetchHooks): Promise<string> {
  const published = new URL(set.url);
  const zip = join(folder, published.pathname.split('/').at(-1)!);
  const endpoint = options.endpoint?.replace(/\/+$/, '');
  const url = endpoint === undefined ? set.url : `${endpoint}${published.pathname}`;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw unreachable(set, url, zip, `The mirror is '${endpoint}', which is no web address`);
  }
  const settings: HubSettings = {
    endpoint: endpoint ?? published.origin,
    token: undefined,
    cacheFolder: folder,
    offline: false,
    onProgress: ({ bytes, totalBytes }) => hooks.onProgress?.(bytes, totalBytes),
    signal: hooks.signal,
    patience: { ...PATIENCE, ...hooks.patience },
  };
  const brought = existsSync(zip);
  try {
    let md5 = set.md5;
    if (md5 === undefined) {
      md5 = await publishedMd5(url, settings).catch((error) => {
        if (!brought || hooks.signal?.aborted) throw error;
        hooks.onNote?.(`${zip} is taken as it is: its digest, ${url}.md5, could not be fetched`);
        return undefined;
      });
    }
    if (!brought) await downloadArchive(url, zip, md5!, settings);
    else if (md5 !== undefined) {
      const digest = await md5Of(zip);
      if (digest !== md5) throw new WrongDigest(digest, md5);
    }
    return zip;
  } catch (error) {
    if (hooks.signal?.aborted) throw error;
    throw explained(error, set, url, zip, brought);
  }
}

/** What the failure of a request or a digest means to who fetches a data set. */
function explained(error: unknown, set: DataSet, url: string, zip: string, brought: boolean): unknown {
  if (error instanceof WrongDigest) {
    return new SoftpromptError('DATA_SET_CHECKSUM', {
      found: brought ? `${zip} has the MD5 ${error.digest}` : `${url} came with the MD5 ${error.digest || '(none)'}`,
      expected: error.expected,
      fix: brought
        ? 'Remove it, and run the command again or download it anew.'
        : 'Nothing was kept. Try again; if it stays so, something between here and the publisher (a proxy, a mirror) alters files.',
    });
  }
  if (error instanceof SoftpromptError && error.code.startsWith('HUB_')) {
    return unreachable(set, url, zip, error.facts.found, error);
  }
  const failure = error instanceof Error && 'syscall' in error && writeFailure(error, 'another place with --out');
  if (!failure) return error;
  return new SoftpromptError(
    'DATA_UNWRITABLE',
    {
      found: `${zip} cannot be written: ${error.message}`,
      expected: `${failure.expected} (the whole takes ${3 * set.mebibytes} MiB)`,
      fix: `${failure.fix} Then run the command again.`,
    },
    { cause: error },
  );
}

function unreachable(set: DataSet, url: string, zip: string, found: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'DATA_SET_UNREACHABLE',
    {
      found,
      expected: `the data set ${set.name} at ${url}`,
      fix: `Try again with a network connection, or give a mirror with --endpoint. Or download ${set.url} elsewhere, put it at ${zip}, and run the command again. With no network, \`npx softprompt start\` shows everything on the sample data that comes along.`,
    },
    { cause },
  );
}

function sourceText({ name, about, url, terms, citation }: DataSet): string {
  return `# ${name}\n\n${about}. Made from ${url} by \`npx softprompt data fetch\`.\n\nTerms: ${terms}\n\nTo cite: ${citation}\n`;
}
