import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { parseRecord } from '../files/json-record.js';
import { SCOPES, type Scope } from './scopes.js';
import { forbidden, Refusal, unauthorized } from './server-refusals.js';

const keyFile = z.object({
  keys: z.array(
    z.object({
      name: z.string().min(1),
      /** sha256 (hex) of the key, which is random and long: it need not be salted or stretched. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.enum(SCOPES)),
    }),
  ),
});

export interface KeyHolder {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Who may ask what. */
export interface Access {
  /** Whether keys are asked for at all. */
  readonly guarded: boolean;
  /** @param header of `Authorization`. @throws Refusal */
  holder(header: string | undefined): KeyHolder;
}

const EVERYONE: KeyHolder = { name: 'everyone', scopes: SCOPES };

/** Without keys everyone may do all: for a service that only this machine reaches. */
export const OPEN_ACCESS: Access = { guarded: false, holder: () => EVERYONE };

/** @throws FLAG_INVALID */
export async function readKeys(path: string): Promise<Access> {
  const { keys } = await readKeyFile(path);
  const holders = keys.map(({ name, scopes, sha256 }) => ({ name, scopes, hash: Buffer.from(sha256, 'hex') }));
  return {
    guarded: true,
    holder: (header) => {
      const key = /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1];
      if (key === undefined) throw unauthorized('A key is needed: Authorization: Bearer KEY.');
      const hash = sha256(key);
      const found = holders.filter((holder) => timingSafeEqual(holder.hash, hash)); // all are compared, for equal time
      if (found[0] === undefined) throw unauthorized('This key is not known.');
      return found[0];
    },
  };
}

/**
 * Who asks from a browser, which gives a key as the password of a login, and would give it to pages of other sites too: these
 * may change nothing.
 * @throws Refusal
 */
export function holderInBrowser(access: Access, method: string, headers: IncomingHttpHeaders): KeyHolder {
  const site = headers['sec-fetch-site'];
  if (method !== 'GET' && site !== undefined && site !== 'same-origin' && site !== 'none')
    throw forbidden('A page of another site may not do that.');
  const [, login] = /^Basic ([a-z0-9+/=]+)$/i.exec(headers.authorization ?? '') ?? [];
  const key =
    login &&
    Buffer.from(login, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
  try {
    return access.holder(key === undefined ? headers.authorization : `Bearer ${key}`);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) throw loginNeeded();
    throw error;
  }
}

/** Makes a browser ask for a key. */
const loginNeeded = () =>
  new Refusal(401, 'UNAUTHORIZED', 'A key is needed, as the password of any name.', {
    'www-authenticate': 'Basic realm="softprompt", charset="UTF-8"',
  });

/** @throws Refusal where a key may not do it */
export function requireScope({ scopes }: KeyHolder, scope: Scope): void {
  if (!scopes.includes(scope)) throw forbidden(`This key may not do that: it lacks the scope '${scope}'.`);
}

/** Adds a key to a file, which then holds its hash. @returns the key, which is shown once */
export async function addKey(path: string, name: string, scopes: readonly Scope[]): Promise<string> {
  const before = await readKeyFile(path).catch((error: SoftpromptError) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return { keys: [] };
    throw error;
  });
  if (before.keys.some((key) => key.name === name)) {
    throw new SoftpromptError('FLAG_INVALID', {
      found: `${path} has a key named '${name}' already`,
      expected: 'another name',
      fix: 'Name it otherwise (--name), or take that one out of the file.',
    });
  }
  const key = `sp-${randomBytes(32).toString('base64url')}`;
  const keys = [...before.keys, { name, sha256: sha256(key).toString('hex'), scopes: [...scopes] }];
  await writeFileAtomically(path, `${JSON.stringify({ keys }, null, 2)}\n`);
  return key;
}

const sha256 = (key: string) => createHash('sha256').update(key).digest();

async function readKeyFile(path: string): Promise<z.infer<typeof keyFile>> {
  const invalid = (found: string, cause?: unknown) =>
    new SoftpromptError(
      'FLAG_INVALID',
      {
        found: `--keys ${path}: ${found}`,
        expected: 'a file of keys as `npx softprompt serve --add-key NAME --keys FILE` writes it',
        fix: 'Make it with that command.',
      },
      { cause },
    );
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw invalid(cause.message, cause);
  });
  const { record, problem } = parseRecord(text, keyFile);
  if (record === undefined) throw invalid(problem);
  return record;
}
