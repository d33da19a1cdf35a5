import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { SoftpromptError } from '../errors.js';
import { loadOptional } from '../optional-package.js';
import { type ContentStore, missing, streamOf, verified, writing } from './content-store.js';

type Sdk = typeof import('@aws-sdk/client-s3');

const CLIENT = {
  name: '@aws-sdk/client-s3',
  title: "Amazon's client of S3",
  code: 'QUEUE_UNAVAILABLE',
  purpose: 'for --store s3://…',
  flags: '--save-exact',
  platforms: 'Node 20 and newer',
} as const;

const ATTEMPTS = 5;
/** Before the second attempt; before each later one twice as long. */
const BACK_OFF_MS = 200;
const CONNECT_MS = 10_000;
/** Without a byte for so long a connection is given up. */
const SILENT_MS = 60_000;
/** Errors are told by whoever hears them. */
const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** S3's own bound of one upload. */
const MOST_BYTES = 5 * 2 ** 30;

/**
 * Files by content in a bucket of Amazon S3 or of what speaks its protocol, at PREFIX/objects/HH/HASH. The address, region and
 * credentials are those of the AWS command line's variables and files: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION,
 * AWS_ACCESS_KEY_ID, …; where an address is given the bucket stands in the path.
 * @throws QUEUE_STORE, QUEUE_UNAVAILABLE
 */
export async function openS3Store(place: string): Promise<ContentStore> {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/i.exec(place) ?? [];
  if (bucket === undefined) {
    throw new SoftpromptError('QUEUE_STORE', {
      found: `The store is given as ${place}`,
      expected: 's3://BUCKET or s3://BUCKET/PREFIX, the bucket named as S3 names them',
      fix: 'Correct --store.',
    });
  }
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // of versions that come later
  const sdk = await loadOptional(CLIENT, () => import('@aws-sdk/client-s3'));
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const endpoint = AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || undefined;
  const client = new sdk.S3Client({
    // where the address is one's own any region does; else the client looks into ~/.aws/config
    ...(AWS_REGION || AWS_DEFAULT_REGION || endpoint
      ? { region: AWS_REGION || AWS_DEFAULT_REGION || 'us-east-1' }
      : {}),
    ...(endpoint && { endpoint, forcePathStyle: true }),
    maxAttempts: 1, // streams cannot be sent again by the client itself: all attempts are made here
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: SILENT,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
  });
  return new S3Store(place, sdk, client, bucket, prefix.replace(/^\/+|\/+$/g, ''));
}

class S3Store implements ContentStore {
  /** Whether the server knows `If-None-Match`. */
  private conditional = true;

  constructor(
    readonly place: string,
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  has(hash: string): Promise<boolean> {
    return this.again('read', async () => {
      try {
        await this.client.send(new this.sdk.HeadObjectCommand(this.at(hash)));
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    });
  }

  /** The object is there whole or not at all: it is committed when its last byte has come, and the server compares its sha256. */
  async put(hash: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? (await stat(content)).size : content.byteLength;
    if (bytes > MOST_BYTES) throw tooLarge(this.place, bytes);
    await writing(this.place, () => this.again('written', () => this.putOnce(hash, content, bytes)));
  }

  private async putOnce(hash: string, content: string | Uint8Array, bytes: number): Promise<void> {
    const body = streamOf(content);
    const checked = verified(hash);
    let damage: Error | undefined;
    checked.once('error', (error) => {
      damage = error;
    });
    body.once('error', (error) => checked.destroy(error));
    const request = new this.sdk.PutObjectCommand({
      ...this.at(hash),
      Body: body.pipe(checked),
      ContentLength: bytes,
      ContentType: 'application/octet-stream',
      ChecksumSHA256: Buffer.from(hash, 'hex').toString('base64'),
      ...(this.conditional && { IfNoneMatch: '*' }),
    });
    // an upload whose body ends in an error would wait for its last bytes
    const abort = new AbortController();
    checked.once('error', () => abort.abort());
    try {
      await this.client.send(request, { abortSignal: abort.signal });
    } catch (error) {
      if (damage) throw damage;
      const status = statusOf(error);
      if (status === 412) return; // it is there already: the same bytes
      if (status === 501 && this.conditional) this.conditional = false; // the next attempt goes without
      throw error;
    } finally {
      body.destroy();
      checked.destroy();
    }
  }

  /** The bytes, gone on with where the connection breaks. */
  async open(hash: string): Promise<NodeJS.ReadableStream> {
    return Readable.from(this.bytes(hash, await this.get(hash, 0)));
  }

  private async *bytes(hash: string, first: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
    let read = 0;
    const all = first.ContentLength;
    for (let answer = first, attempt = 1; ; attempt++) {
      try {
        // a server that does not know ranges begins anew
        let skip = answer.ContentRange === undefined ? read : 0;
        for await (const chunk of answer.Body as Readable) {
          const rest: Uint8Array = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk;
          skip = Math.max(0, skip - chunk.length);
          read += rest.length;
          if (rest.length > 0) yield rest;
        }
        if (all !== undefined && read < all) throw new Error(`it ended after ${read} of ${all} bytes`);
        return;
      } catch (error) {
        if (attempt >= ATTEMPTS) throw this.failure('read', error);
        await later(BACK_OFF_MS * 2 ** (attempt - 1));
      }
      answer = await this.get(hash, read);
    }
  }

  private get(hash: string, from: number): Promise<GetObjectCommandOutput> {
    const range = from > 0 ? { Range: `bytes=${from}-` } : {};
    return this.again('read', () =>
      this.client.send(new this.sdk.GetObjectCommand({ ...this.at(hash), ...range })),
    ).catch((error: SoftpromptError) => {
      throw statusOf(error.cause) === 404 ? missing(hash, this.place) : error;
    });
  }

  /** Makes attempts until the server answers otherwise than by an error of its own. @throws QUEUE_STORE_UNREACHABLE */
  private async again<T>(what: 'read' | 'written', send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (error instanceof SoftpromptError) throw error;
        if (attempt >= ATTEMPTS || !isPassing(error)) throw this.failure(what, error);
        await later(BACK_OFF_MS * 2 ** (attempt - 1));
      }
    }
  }

  private failure(what: 'read' | 'written', error: unknown): SoftpromptError {
    const status = statusOf(error);
    const { name, message } = error as Error;
    const said = [status, name === 'Error' ? undefined : name, message].filter(
      (one) => one !== undefined && one !== '',
    );
    return new SoftpromptError(
      'QUEUE_STORE_UNREACHABLE',
      {
        found:
          what === 'read'
            ? `The store ${this.place} cannot be read: ${said.join(' ')}`
            : `The store ${this.place} cannot be written: ${said.join(' ')}`,
        expected: 'a bucket of S3, or of what speaks its protocol, whose objects may be read and written here',
        fix: isOfRights(status, name)
          ? 'Give credentials that may (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE): s3:GetObject, s3:PutObject, and s3:ListBucket, without which what is missing is forbidden.'
          : 'Check that the bucket is there, and its address and region: AWS_ENDPOINT_URL_S3, AWS_REGION.',
      },
      { cause: error },
    );
  }

  private at(hash: string) {
    const key = ['objects', hash.slice(0, 2), hash];
    return { Bucket: this.bucket, Key: (this.prefix === '' ? key : [this.prefix, ...key]).join('/') };
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;

const isOfRights = (status: number | undefined, name: string): boolean =>
  status === 401 || status === 403 || /Credentials/.test(name);

/** What another attempt may mend. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  const { name } = error as Error;
  if (status === undefined) return !/Credentials|Region/.test(`${name} ${(error as Error).message}`);
  return status >= 500 || status === 429 || status === 408 || status === 409 || name === 'RequestTimeout';
}

const tooLarge = (place: string, bytes: number) =>
  new SoftpromptError('QUEUE_STORE_UNWRITABLE', {
    found: `${place} cannot be written: a file has ${bytes} bytes`,
    expected: 'files of 5 GiB at most, as S3 takes them at once',
    fix: 'Have the model in smaller files, or give a folder that all machines mount (--store DIR).',
  });
