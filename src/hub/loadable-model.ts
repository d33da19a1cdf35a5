import { dirname, isAbsolute } from 'node:path';
import type { BaseModel } from './base-model.js';
import { EMBEDDED_MODEL, embeddedModelFolder } from './embedded-model.js';
import { parseHubId } from './hub-id.js';

/** How transformers and PEFT load a frozen model: `from_pretrained(name, revision=…, gguf_file=…)`. */
export interface LoadableModel {
  /** A hub's `organisation/name`, or a folder of this machine. */
  readonly name: string;
  readonly revision: string | undefined;
  readonly ggufFile: string | undefined;
  /** Where `name` can be looked up: a path holds on the machine of the tuning alone. */
  readonly place: 'hub' | 'this machine' | 'package' | 'unknown';
}

/** The nearest thing to a prompt's frozen model that transformers and PEFT can load. */
export function loadableModel({ source, hub, gguf }: Pick<BaseModel, 'source' | 'hub' | 'gguf'>): LoadableModel {
  if (hub) return { name: hub.repository, revision: hub.commit, ggufFile: hub.file, place: 'hub' };
  if (source === EMBEDDED_MODEL) {
    return { name: embeddedModelFolder(), revision: undefined, ggufFile: undefined, place: 'package' };
  }
  if (isAbsolute(source)) {
    const name = source.endsWith('.gguf') ? dirname(source) : source;
    return { name, revision: undefined, ggufFile: gguf ?? ggufName(source), place: 'this machine' };
  }
  const id = parseHubId(source);
  if (id === undefined) return { name: source, revision: undefined, ggufFile: gguf, place: 'unknown' };
  const place = id.repository.includes('/') ? 'hub' : 'unknown';
  return { name: id.repository, revision: id.revision, ggufFile: id.file ?? gguf, place };
}

function ggufName(source: string): string | undefined {
  return source.endsWith('.gguf') ? source.slice(dirname(source).length).replace(/^[\\/]/, '') : undefined;
}
