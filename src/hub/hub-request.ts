import { setTimeout as sleep } from 'node:timers/promises';
import { answerInvalid, HubFailure, refusal, unreachable } from './hub-errors.js';
import type { HubSettings } from './hub-settings.js';

export interface HubRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  /** Ask for the bytes from here on. */
  readonly fromByte?: number;
}

export interface HubAnswer {
  /** 200, 206 (from `fromByte` on) or 416 (there is no such byte). */
  readonly status: number;
  /** Those of the last answer, and what the redirects before it say of the file: `x-linked-…`, `x-repo-commit`. */
  readonly headers: Headers;
  /** The body, piece by piece. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

const LONGEST_CHAIN = 10;
const CANNOT_CONNECT =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * One request, its redirects followed. The token goes to the endpoint's origin only, never to where that redirects.
 * Throws `HubFailure` where another attempt may succeed (no connection, a stall, a broken connection, 429, 5xx), the
 * signal's reason on abort, and HUB_NOT_FOUND, HUB_FORBIDDEN or HUB_ANSWER_INVALID.
 */
export async function request<T>(
  wanted: HubRequest,
  settings: HubSettings,
  use: (answer: HubAnswer) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const signal = settings.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, settings.signal]);
  let url = new URL(wanted.url);
  const patiently = async <A>(waiting: Promise<A>): Promise<A> => {
    const { stallMs } = settings.patience;
    const timer = setTimeout(
      () => stop.abort(new HubFailure(`${url.host} sent nothing for ${stallMs / 1000} s`)),
      stallMs,
    );
    try {
      return await waiting;
    } catch (error) {
      settings.signal?.throwIfAborted();
      throw asFailure(error, url);
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    const linked = new Headers();
    for (let hops = 0; hops <= LONGEST_CHAIN; hops++) {
      const headers = requestHeaders(wanted, url, settings);
      const response = await patiently(fetch(url.href, { method: wanted.method, headers, signal, redirect: 'manual' }));
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location !== null) {
        await response.body?.cancel();
        keepLinked(linked, response.headers);
        // The address a large file lies at is signed for GET alone; what HEAD wants to know is said here.
        if (wanted.method === 'HEAD' && linked.has('x-linked-etag')) {
          return await use({ status: 200, headers: linked, chunks: noChunks() });
        }
        url = redirected(location, url);
        continue;
      }
      if (!response.ok && !(response.status === 416 && wanted.fromByte !== undefined)) {
        throw refusal(response, url, settings);
      }
      const answered = new Headers(response.headers);
      keepLinked(answered, linked);
      return await use({ status: response.status, headers: answered, chunks: readChunks(response, patiently) });
    }
    throw answerInvalid(`${wanted.url} redirects more than ${LONGEST_CHAIN} times`, 'a file or a listing');
  } finally {
    // Closes the connection of a body that was not read to its end.
    stop.abort();
  }
}

/** The body as text. */
export async function readText({ chunks }: HubAnswer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

/**
 * Attempts until one succeeds. Gives up after `patience.attempts` failures in a row; calling `progressed` starts that
 * count anew. Waits twice as long each time, or as long as the server asks. Errors: HUB_UNREACHABLE; what is no
 * `HubFailure` is not tried again.
 */
export async function withRetries<T>(
  { patience, signal }: HubSettings,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      if (!(error instanceof HubFailure)) throw error;
      failures++;
      const wait = error.retryAfterMs ?? patience.delayMs * 2 ** (failures - 1);
      if (failures >= patience.attempts || wait > patience.longestDelayMs) throw unreachable(error);
      await sleep(wait, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

function requestHeaders(wanted: HubRequest, url: URL, { endpoint, token }: HubSettings): Record<string, string> {
  return {
    'user-agent': 'softprompt',
    // A compressed answer would have another size and other byte positions.
    'accept-encoding': 'identity',
    ...(wanted.fromByte === undefined ? {} : { range: `bytes=${wanted.fromByte}-` }),
    ...(token !== undefined && url.origin === new URL(endpoint).origin ? { authorization: `Bearer ${token}` } : {}),
  };
}

/** The hub tells a file's checksum and size in the answer that redirects to where the file lies. */
function keepLinked(to: Headers, from: Headers): void {
  for (const name of ['x-linked-etag', 'x-linked-size', 'x-repo-commit']) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
}

function redirected(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === from.protocol) return url;
  throw answerInvalid(`${from} redirects to '${location}'`, 'a redirect to an https address');
}

async function* readChunks(
  response: Response,
  patiently: <A>(waiting: Promise<A>) => Promise<A>,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await patiently(reader.read());
    if (done) return;
    yield value;
  }
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}

/** What `fetch` throws, as a failure that says what happened; it hides the cause one level down. */
function asFailure(error: unknown, { host }: URL): unknown {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return error;
  const { cause } = error;
  const code = 'code' in cause ? String(cause.code) : '';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code)) {
    return answerInvalid(
      `The certificate of ${host} is not trusted (${cause.message})`,
      'a server with a valid certificate',
      error,
    );
  }
  const noConnection = CANNOT_CONNECT.test(code);
  const what = noConnection ? 'cannot be reached' : 'broke the connection';
  return new HubFailure(`${host} ${what} (${cause.message || code})`, { noConnection, cause: error });
}
