import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { endpointInvalid, tokenInvalid } from './hub-errors.js';

/** How long to wait for a server, and how often to try again. */
export interface Patience {
  /** Longest wait, in milliseconds, for an answer or for the next byte of one. */
  readonly stallMs: number;
  /** Failures in a row, without a new byte between them, after which a request is given up. */
  readonly attempts: number;
  /** Wait before the second attempt, in milliseconds; it doubles with each further one. */
  readonly delayMs: number;
  /** Longest wait, in milliseconds, that a server may ask for (`Retry-After`). */
  readonly longestDelayMs: number;
}

export interface HubProgress {
  /** Path inside the repository. */
  readonly file: string;
  /** Bytes of this file that are on disk, those of an earlier, interrupted run included. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What stands here goes before the environment. */
export interface HubOptions {
  /** Branch, tag or commit. Default: `main`. */
  readonly revision?: string;
  /** Take this one GGUF file of the repository. */
  readonly file?: string;
  /** Default: HF_TOKEN, then the file HF_TOKEN_PATH, then `token` in HF_HOME (where `hf auth login` puts it). */
  readonly token?: string;
  /** The hub or a mirror of it. Default: HF_ENDPOINT, then https://huggingface.co. */
  readonly endpoint?: string;
  /** Default: HF_HUB_CACHE, then `hub` in HF_HOME, then ~/.cache/huggingface/hub. */
  readonly cacheFolder?: string;
  /** Never touch the network. Default: HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE. */
  readonly offline?: boolean;
  readonly onProgress?: (progress: HubProgress) => void;
  /** Ends the download; what has arrived is kept for the next one. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly patience?: Partial<Patience>;
}

/** Options, environment and defaults, merged. */
export interface HubSettings {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly cacheFolder: string;
  readonly offline: boolean;
  readonly onProgress: (progress: HubProgress) => void;
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PATIENCE: Patience = { stallMs: 20_000, attempts: 6, delayMs: 1_000, longestDelayMs: 300_000 };

/**
 * Reads the environment as huggingface_hub does; an empty variable counts as unset.
 * Errors: HUB_ENDPOINT_INVALID, HUB_FORBIDDEN (a token that cannot be one).
 */
export async function hubSettings(options: HubOptions, env: Environment = process.env): Promise<HubSettings> {
  const endpoint = (options.endpoint || env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  if (!isWebAddress(endpoint)) throw endpointInvalid(endpoint);
  const token = options.token || env.HF_TOKEN?.trim() || (await readTokenFile(env));
  if (token !== undefined && !/^[!-~]+$/.test(token)) throw tokenInvalid();
  return {
    endpoint,
    token,
    cacheFolder: options.cacheFolder ? resolve(options.cacheFolder) : hubCacheFolder(env),
    offline: options.offline ?? isTrue(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE),
    onProgress: options.onProgress ?? (() => {}),
    signal: options.signal,
    patience: { ...PATIENCE, ...options.patience },
  };
}

/** Where huggingface_hub keeps downloaded models. */
export function hubCacheFolder(env: Environment = process.env): string {
  return resolve(expandHome(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hubHome(env), 'hub')));
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function hubHome(env: Environment): string {
  return expandHome(env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'));
}

async function readTokenFile(env: Environment): Promise<string | undefined> {
  const path = expandHome(env.HF_TOKEN_PATH || join(hubHome(env), 'token'));
  return (await readFile(path, 'utf8').catch(() => '')).trim() || undefined;
}

function expandHome(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, homedir());
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(value?.toUpperCase() ?? '');
}
