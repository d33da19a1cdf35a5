import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tokenizerFromGguf } from '../tokenizer/gguf-tokenizer.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { readGguf } from '../weights/gguf.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { familyOf } from './families/registry.js';

/** Tokenizers that somebody holds, and those that are being loaded: a vocabulary takes some ten megabytes. */
const held = new Map<string, WeakRef<Tokenizer>>();
const loading = new Map<string, Promise<Tokenizer>>();
const forgotten = new FinalizationRegistry((key: string) => {
  if (held.get(key)?.deref() === undefined) held.delete(key);
});

/** The tokenizer of a model; the same one as long as its files are unchanged and somebody holds it. */
export async function sharedTokenizer(checkpoint: Checkpoint): Promise<Tokenizer> {
  const key = await keyOf(checkpoint);
  const known = held.get(key)?.deref() ?? loading.get(key);
  if (known !== undefined) return known;
  const loaded = load(checkpoint);
  loading.set(key, loaded);
  try {
    const tokenizer = await loaded;
    held.set(key, new WeakRef(tokenizer));
    forgotten.register(tokenizer, key);
    return tokenizer;
  } finally {
    loading.delete(key);
  }
}

async function load({ tokenizer: { kind, path }, config }: Checkpoint): Promise<Tokenizer> {
  if (kind === 'gguf') return tokenizerFromGguf((await readGguf(path)).metadata, path);
  const { sees } = familyOf(config);
  return loadTokenizer(path, { rows: config.vocabularySize, ...(sees === 'source' && { ends: true }) });
}

async function keyOf({ tokenizer: { kind, path }, config }: Checkpoint): Promise<string> {
  const files = kind === 'gguf' ? [path] : [path, join(dirname(path), 'tokenizer_config.json')];
  const facts = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)));
  const identities = facts.map((fact) => fact && [fact.dev, fact.ino, fact.size, fact.mtimeNs].join(' '));
  return JSON.stringify([kind, path, config.vocabularySize, identities]);
}
