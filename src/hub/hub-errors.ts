import { SoftpromptError } from '../errors.js';
import { type WriteFailure, writeFailure } from '../files/write-failure.js';

/** A failed attempt that a later one may repair. */
export class HubFailure extends Error {
  override readonly name = 'HubFailure';
  /** No connection could be made at all. */
  readonly noConnection: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { noConnection?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.noConnection = options.noConnection ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const ELSEWHERE =
  'download the model elsewhere and give its folder, or set HF_ENDPOINT to a mirror (for instance https://hf-mirror.com)';

/** The last of several failed attempts, for the user. */
export function unreachable(failure: HubFailure): SoftpromptError {
  const { HTTPS_PROXY, https_proxy, NODE_USE_ENV_PROXY } = process.env;
  const behindProxy = (HTTPS_PROXY || https_proxy) && NODE_USE_ENV_PROXY !== '1';
  const proxyHint = behindProxy ? ' HTTPS_PROXY is used only with NODE_USE_ENV_PROXY=1, by Node 22.21 or 24 on.' : '';
  return new SoftpromptError(
    'HUB_UNREACHABLE',
    {
      found: failure.message,
      expected: 'a network connection to the hub',
      fix: failure.noConnection
        ? `This machine may be offline. Check the network, or ${ELSEWHERE}.${proxyHint}`
        : `Try again later (what has arrived is kept and continued), or ${ELSEWHERE}.${proxyHint}`,
    },
    { cause: failure },
  );
}

export function offline(model: string, cacheFolder: string): SoftpromptError {
  return new SoftpromptError('HUB_OFFLINE', {
    found: `The cache ${cacheFolder} does not hold all files of ${model}, and offline mode is on`,
    expected: 'the whole model in the cache, because offline mode allows no download',
    fix: 'Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE (or --offline) once, copy the cache from a machine that has the model, or give a folder.',
  });
}

/** What an answer that is no success means to the user: waiting may help (`HubFailure`), or something must change. */
export function refusal(
  response: Response,
  url: URL,
  settings: { readonly endpoint: string; readonly token: string | undefined },
): HubFailure | SoftpromptError {
  const { status, headers } = response;
  const code = headers.get('x-error-code') ?? '';
  const reason = headers.get('x-error-message') || code || response.statusText;
  const found = `${url.origin}${url.pathname} answered ${status} ${reason}`.trimEnd().replace(/\.$/, '');
  // Addresses elsewhere are signed and short-lived: the next attempt gets a new one.
  const elsewhere = url.origin !== new URL(settings.endpoint).origin;
  if (status === 429 || status === 408 || status >= 500 || elsewhere) {
    const wait = retryAfterMs(headers);
    const asks = wait === undefined ? '' : ` and asks to wait ${Math.ceil(wait / 1000)} seconds`;
    return new HubFailure(found + asks, { retryAfterMs: wait });
  }
  if (status === 404 || code === 'RepoNotFound') {
    return new SoftpromptError('HUB_NOT_FOUND', {
      found,
      expected: NOT_FOUND[code] ?? 'a repository, revision and file that exist',
      fix: 'Check the spelling on the website of the hub (or of the path, if you meant a folder of this machine). A private model needs a token: set HF_TOKEN.',
    });
  }
  if (status === 401 || status === 403) {
    return new SoftpromptError('HUB_FORBIDDEN', {
      found,
      expected:
        settings.token === undefined
          ? 'a token, because the model is gated or private'
          : 'a token that may read the model',
      fix: `${code === 'GatedRepo' ? "Accept the model's terms on its page, then make" : 'Make'} a token with read access (Settings → Access Tokens on the hub) and set HF_TOKEN, or run \`hf auth login\`.`,
    });
  }
  return answerInvalid(found, 'a file or a listing');
}

const NOT_FOUND: Readonly<Record<string, string>> = {
  RepoNotFound: 'a repository that exists and is public, or a token that may read it',
  RevisionNotFound: 'a branch, tag or commit of the repository',
  EntryNotFound: 'a file of the repository',
};

export function endpointInvalid(endpoint: string): SoftpromptError {
  return new SoftpromptError('HUB_ENDPOINT_INVALID', {
    found: `The address of the hub is '${endpoint}'`,
    expected: 'an address such as https://hf-mirror.com, without user name and password',
    fix: 'Correct HF_ENDPOINT, or unset it for https://huggingface.co.',
  });
}

/** Never shows the token. */
export function tokenInvalid(): SoftpromptError {
  return new SoftpromptError('HUB_FORBIDDEN', {
    found: 'The hub token has characters that no token has (a quote, a blank, a line break)',
    expected: 'a token of letters, digits and signs, as the hub shows it',
    fix: 'Set HF_TOKEN again, or run `hf auth login`.',
  });
}

export function answerInvalid(found: string, expected: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'HUB_ANSWER_INVALID',
    { found, expected, fix: 'Check HF_ENDPOINT: the server there must speak the protocol of huggingface.co.' },
    { cause },
  );
}

export function checksumMismatch(file: string, found: string, expected: string): SoftpromptError {
  return new SoftpromptError('HUB_CHECKSUM', {
    found: `${file} was downloaded with ${found}`,
    expected,
    fix: 'The file was removed. Try again; if it stays so, something between here and the hub (a proxy, a mirror) alters files.',
  });
}

/** Explains errors of the file system; hands on every other. */
export function asCacheError(folder: string, error: unknown): unknown {
  if (error instanceof SoftpromptError || !(error instanceof Error) || !('syscall' in error)) return error;
  const failure = writeFailure(error, 'a folder on another disk with HF_HUB_CACHE');
  return failure === undefined ? error : cacheUnwritable(folder, error.message, failure, error);
}

export function diskTooSmall(folder: string, needed: number, free: number): SoftpromptError {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return cacheUnwritable(folder, `the disk has ${mebibytes(free)} free`, {
    expected: `${mebibytes(needed)} of free space`,
    fix: 'Free space there, or set HF_HUB_CACHE to a folder on another disk.',
  });
}

function cacheUnwritable(
  folder: string,
  why: string,
  { expected, fix }: WriteFailure,
  cause?: unknown,
): SoftpromptError {
  return new SoftpromptError(
    'CACHE_UNWRITABLE',
    {
      found: `The model cannot be written to ${folder}: ${why}`,
      expected,
      fix: `${fix} What has arrived is kept and continued.`,
    },
    { cause },
  );
}

/** From `Retry-After` (seconds or a date), or the hub's own `RateLimit: "api";r=0;t=55`. */
function retryAfterMs(headers: Headers): number | undefined {
  const limit = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  const after = headers.get('retry-after') ?? limit;
  if (after === undefined) return undefined;
  const milliseconds = /^\d+$/.test(after) ? 1000 * Number(after) : Date.parse(after) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
