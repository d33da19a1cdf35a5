import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { PYTORCH, SAFETENSORS, type ShardFormat } from '../weights/safetensors-shards.js';
import { answerInvalid, HubFailure, unreachable } from './hub-errors.js';
import { isModelGguf, isRelativePath } from './hub-id.js';
import { readText, request, withRetries } from './hub-request.js';
import type { HubSettings } from './hub-settings.js';

/** A file as the hub announces it. */
export interface HubFile {
  /** Path inside the repository. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Its checksum and name in the cache: sha256 (64 hex digits) of a large file, git's sha1 (40) of a small one. */
  readonly digest: string;
}

/** What a repository holds at one commit. */
export interface HubListing {
  readonly commit: string;
  /** All files by path; a mirror may leave out size and digest. */
  readonly files: ReadonlyMap<string, HubFile | undefined>;
}

/** The files a model needs, to be fetched in this order. */
export interface ModelFiles {
  readonly settings: readonly string[];
  /** The weights; of an index the shards it names are needed too. */
  readonly weights:
    | { readonly kind: 'gguf' | 'whole'; readonly path: string }
    | { readonly kind: 'index'; readonly path: string; readonly format: ShardFormat };
}

const DIGEST = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const size = z.number().int().nonnegative();
const LISTING = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: size.nullish(),
      blobId: z.string().regex(DIGEST).nullish(),
      lfs: z.object({ sha256: z.string().regex(DIGEST), size }).nullish(),
    }),
  ),
});

/** Asks what a repository holds. Without any connection it fails at once: HUB_UNREACHABLE. */
export async function listRepository(repository: string, revision: string, settings: HubSettings): Promise<HubListing> {
  const url = `${settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const text = await withRetries(settings, async () => {
    try {
      return await request({ method: 'GET', url }, settings, readText);
    } catch (error) {
      throw error instanceof HubFailure && error.noConnection ? unreachable(error) : error;
    }
  });
  const listing = parseListing(text);
  if (listing === undefined) throw answerInvalid(`${url} answered with no listing`, 'JSON with `sha` and `siblings`');
  const files = listing.siblings
    .filter(({ rfilename }) => isRelativePath(rfilename))
    .map(({ rfilename: path, size, blobId, lfs }): [string, HubFile | undefined] => {
      if (lfs) return [path, { path, size: lfs.size, digest: lfs.sha256 }];
      return [path, blobId && typeof size === 'number' ? { path, size, digest: blobId } : undefined];
    });
  return { commit: listing.sha, files: new Map(files) };
}

/** Size and digest of a file, from the listing or, where that lacks them, from the file's own headers. */
export async function describeFile(
  listing: HubListing,
  path: string,
  url: string,
  settings: HubSettings,
): Promise<HubFile> {
  const known = listing.files.get(path);
  if (known !== undefined) return known;
  const headers = await withRetries(settings, () =>
    request({ method: 'HEAD', url }, settings, async (answer) => answer.headers),
  );
  const digest = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '');
  const size = Number(headers.get('x-linked-size') ?? headers.get('content-length') ?? Number.NaN);
  if (DIGEST.test(digest) && Number.isSafeInteger(size)) return { path, size, digest };
  throw answerInvalid(`${url} has no checksum or size in its headers`, 'x-linked-etag (or etag) and x-linked-size');
}

/** Small files beside the weights. */
const SETTINGS = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'chat_template.jinja',
];

/**
 * Chooses what to download: the GGUF file that is asked for; else a whole `model.safetensors`, or its shards; else
 * PyTorch's weights in the same two forms; else the only GGUF file. Errors: HUB_NOT_FOUND, HUB_FILES.
 */
export function chooseFiles(repository: string, { files }: HubListing, file: string | undefined): ModelFiles {
  const ggufs = [...files.keys()].filter(isModelGguf);
  if (file !== undefined) {
    if (files.has(file)) return { settings: [], weights: { kind: 'gguf', path: file } };
    throw new SoftpromptError('HUB_NOT_FOUND', {
      found: `${repository} has no file ${file}`,
      expected: ggufs.length > 0 ? `one of ${ggufs.join(', ')}` : 'a repository with GGUF files',
      fix: 'Name a GGUF file of the repository, or none for its safetensors.',
    });
  }
  const format = [SAFETENSORS, PYTORCH].find(({ single, index }) => files.has(single) || files.has(index));
  if (format !== undefined) {
    const missing = ['config.json', 'tokenizer.json'].filter((path) => !files.has(path));
    if (missing.length > 0) throw unusable(`${repository} has no ${missing.join(' and no ')}`);
    return {
      settings: SETTINGS.filter((path) => files.has(path)),
      weights: files.has(format.single)
        ? { kind: 'whole', path: format.single }
        : { kind: 'index', path: format.index, format },
    };
  }
  if (ggufs.length === 1) return { settings: [], weights: { kind: 'gguf', path: ggufs[0]! } };
  if (ggufs.length === 0)
    throw unusable(`${repository} has neither safetensors, nor PyTorch's weights, nor a GGUF file`);
  throw new SoftpromptError('HUB_FILES', {
    found: `${repository} has ${ggufs.length} GGUF files: ${ggufs.join(', ')}`,
    expected: 'the name of one of them',
    fix: `Name it after a colon: ${repository}:${ggufs[0]}.`,
  });
}

function parseListing(text: string): z.infer<typeof LISTING> | undefined {
  try {
    return LISTING.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function unusable(found: string): SoftpromptError {
  return new SoftpromptError('HUB_FILES', {
    found,
    expected:
      'config.json, tokenizer.json and model.safetensors or pytorch_model.bin (or their shards and index), or a .gguf file',
    fix: "Choose another repository of this model: many have a conversion to safetensors or GGUF. Or save it anew with transformers' save_pretrained and give the folder.",
  });
}
