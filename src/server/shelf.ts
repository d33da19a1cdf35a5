import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agreement } from './agreement.js';
import { notFound } from './server-refusals.js';
import { folderOf } from './shared-versions.js';
import { type Lease, type Version, VersionSlot } from './version-slot.js';
import { type FoundFolder, type ServedKind, WatchedFolders } from './watched-folder.js';

/** How often folders are looked at, in milliseconds; less often where that takes more than a hundredth of the time. */
const POLL_MS = 500;
const REST = 100;
/** How long a folder must lack its record until it counts as removed: one that is replaced lacks it for a moment. */
const GONE_MS = 2000;

export interface ShelfOptions<Prompt, Recommender> {
  /** Each is a prompt or recommender itself, or holds some. */
  readonly folders: readonly string[];
  readonly loadPrompt: (folder: FoundFolder) => Promise<Loaded<Prompt>>;
  readonly loadRecommender: (folder: FoundFolder) => Promise<Loaded<Recommender>>;
  readonly onEvent?: ((event: ShelfEvent) => void) | undefined;
  /** What other services have agreed upon; undefined: this one is alone. */
  readonly agreement?: Agreement | undefined;
}

export interface Loaded<Value> {
  readonly value: Value;
  /** See `VersionSlot.add`. */
  readonly ends?: ((older: Value) => boolean) | undefined;
  close(): Promise<void>;
}

export type ShelfEvent =
  | { readonly event: 'loaded'; readonly kind: ServedKind; readonly name: string; readonly version: string }
  /** What was there stays in use. */
  | { readonly event: 'refused'; readonly kind: ServedKind; readonly name: string; readonly error: unknown }
  | { readonly event: 'removed'; readonly kind: ServedKind; readonly name: string };

interface Entry<Value> {
  readonly slot: VersionSlot<Value>;
  /** Of the folder as it was looked at last. */
  fingerprint: string;
  readonly path: string;
  /** Why its newest content is not in use. */
  problem: string | undefined;
  /** Since when its record is missing. */
  missingSince?: number | undefined;
  /** Versions of other services that could not be had. */
  refused?: Set<string> | undefined;
  /** What other services have not been told yet. */
  untold?: { readonly folder: FoundFolder; readonly running: boolean } | undefined;
}

/**
 * Prompts and recommenders by name, kept as their folders are: what is new or changed is loaded whole before it answers;
 * what cannot be loaded is told, and what was there stays. A folder that is removed goes.
 */
export class Shelf<Prompt, Recommender> {
  readonly #options: ShelfOptions<Prompt, Recommender>;
  readonly #prompts = new Map<string, Entry<Prompt>>();
  readonly #recommenders = new Map<string, Entry<Recommender>>();
  readonly #watched: WatchedFolders;
  readonly #stop = new AbortController();
  /** How long looking at all folders lately took, in milliseconds. */
  #glance = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #watching: Promise<unknown> | undefined;

  constructor(options: ShelfOptions<Prompt, Recommender>) {
    this.#options = options;
    this.#watched = new WatchedFolders(options.folders);
  }

  /** Loads what is there now, and from then on what changes. */
  async start(): Promise<void> {
    const { agreement } = this.#options;
    await agreement?.read();
    await this.refresh();
    const agreed = agreement?.watch(async () => {
      this.#spreadAsAgreed();
      await this.refresh(); // what is lacked is fetched
    }, this.#stop.signal);
    this.#watching = Promise.all([this.#watch(), agreed]);
  }

  /** Spreads requests over versions, here and in all services. @throws Refusal */
  async spread(kind: ServedKind, name: string, weights: Readonly<Record<string, number>>): Promise<void> {
    await this.#agree(kind, name, this.slot(kind, name).sharesOf(weights));
  }

  /** Sends all requests to a version, by default the one before the newest, here and in all services. @throws Refusal */
  async rollBack(kind: ServedKind, name: string, version: string | undefined): Promise<void> {
    await this.#agree(kind, name, this.slot(kind, name).sharesBack(version));
  }

  async #agree(kind: ServedKind, name: string, shares: ReadonlyMap<string, number>): Promise<void> {
    await this.#options.agreement?.spread(kind, name, shares);
    this.slot(kind, name).spread(shares);
  }

  /** Looks at the folders once, after whoever looks at them now. */
  refresh(): Promise<void> {
    const refreshed = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  async #refresh(): Promise<void> {
    const doubtful = [...this.#prompts.values(), ...this.#recommenders.values()].filter(({ problem }) => problem);
    const start = performance.now();
    const found = await this.#watched.find(new Set(doubtful.map(({ path }) => path)));
    this.#glance = performance.now() - start;
    for (const folder of found) {
      if (this.#stop.signal.aborted) return;
      if (folder.kind === 'prompt') await this.#update(this.#prompts, folder, this.#options.loadPrompt);
      else await this.#update(this.#recommenders, folder, this.#options.loadRecommender);
    }
    const names = (kind: ServedKind) => new Set(found.filter((f) => f.kind === kind).map(({ name }) => name));
    await this.#remove(this.#prompts, 'prompt', names('prompt'));
    await this.#remove(this.#recommenders, 'recommender', names('recommender'));
    if (this.#options.agreement === undefined) return;
    await this.#options.agreement.read();
    await this.#catchUp(this.#prompts, 'prompt', this.#options.loadPrompt);
    await this.#catchUp(this.#recommenders, 'recommender', this.#options.loadRecommender);
  }

  #spreadAsAgreed(): void {
    for (const [entries, kind] of [
      [this.#prompts, 'prompt'],
      [this.#recommenders, 'recommender'],
    ] as const)
      for (const [name, { slot }] of entries) slot.spread(this.#options.agreement!.of(kind, name)?.split);
  }

  /** Takes up what other services have agreed upon: their versions, in their order, and their split. */
  async #catchUp<Value>(
    entries: Map<string, Entry<Value>>,
    kind: ServedKind,
    load: (folder: FoundFolder) => Promise<Loaded<Value>>,
  ): Promise<void> {
    const agreement = this.#options.agreement!;
    for (const [name, entry] of entries) {
      if (entry.untold) await this.#announce(entry, entry.untold.folder, entry.untold.running);
      const agreed = agreement.of(kind, name);
      if (agreed === undefined || entry.untold) continue;
      const { slot } = entry;
      const lacking = agreed.versions.filter((id) => !slot.versions.some((version) => version.id === id));
      for (const id of lacking) {
        if (!entry.refused?.has(id)) await this.#fetch(entry, kind, name, id, load);
      }
      await slot.arrange(agreed.versions);
      slot.spread(agreed.split);
    }
  }

  /** Loads a version that only other services have in their folders. */
  async #fetch<Value>(
    entry: Entry<Value>,
    kind: ServedKind,
    name: string,
    version: string,
    load: (folder: FoundFolder) => Promise<Loaded<Value>>,
  ): Promise<void> {
    const files = await this.#options.agreement!.files(kind, name, version);
    entry.refused ??= new Set();
    entry.refused.add(version);
    if (files.length === 0) return;
    const { folder, remove } = await folderOf(kind, name, version, files);
    try {
      const { value, close } = await load(folder);
      await entry.slot.add({ id: version, loadedAt: new Date(), value, close: () => close().finally(remove) });
      entry.refused.delete(version);
      this.#tell({ event: 'loaded', kind, name, version });
    } catch (error) {
      await remove();
      this.#tell({ event: 'refused', kind, name, error });
    }
  }

  async #announce<Value>(entry: Entry<Value>, folder: FoundFolder, running: boolean): Promise<void> {
    entry.untold = { folder, running };
    try {
      await this.#options.agreement?.announce(folder, running);
      entry.untold = undefined;
    } catch {
      // the database is out of reach: it is told later, and this service answers meanwhile
    }
  }

  /** Whom a request gets. @param who asks: of several versions the same one answers him each time @throws Refusal */
  prompt(name: string, who?: string): NamedLease<Prompt> {
    return leaseOf(this.#prompts, 'prompt', name, who);
  }

  recommender(name: string, who?: string): NamedLease<Recommender> {
    return leaseOf(this.#recommenders, 'recommender', name, who);
  }

  /** The versions of a name, to be told, split and rolled back. @throws Refusal */
  slot(kind: ServedKind, name: string): VersionSlot<Prompt> | VersionSlot<Recommender> {
    return kind === 'prompt' ? entryOf(this.#prompts, kind, name).slot : entryOf(this.#recommenders, kind, name).slot;
  }

  /** Where the recommenders lie. */
  get recommenderFolders(): readonly { readonly name: string; readonly path: string }[] {
    return [...this.#recommenders].map(([name, { path }]) => ({ name, path }));
  }

  get prompts(): readonly ShelfEntry<Prompt>[] {
    return listed(this.#prompts);
  }

  get recommenders(): readonly ShelfEntry<Recommender>[] {
    return listed(this.#recommenders);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    for (const { slot } of [...this.#prompts.values(), ...this.#recommenders.values()]) await slot.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    let wait = POLL_MS;
    while (!signal.aborted) {
      await sleep(wait, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.refresh().catch(() => {}); // a folder that cannot be read now may be later
      wait = Math.max(POLL_MS, Math.min(10 * POLL_MS, REST * this.#glance));
    }
  }

  async #update<Value>(
    entries: Map<string, Entry<Value>>,
    folder: FoundFolder,
    load: (folder: FoundFolder) => Promise<Loaded<Value>>,
  ): Promise<void> {
    const { name, kind, path, fingerprint, version } = folder;
    const known = entries.get(name);
    const entry =
      known?.path === path
        ? known
        : { slot: known?.slot ?? new VersionSlot<Value>(), path, fingerprint: '', problem: undefined };
    entry.missingSince = undefined;
    if (entry.fingerprint === fingerprint) return;
    entries.set(name, entry);
    entry.fingerprint = fingerprint;
    if (entry.slot.versions.at(-1)?.id === version) {
      entry.problem = undefined; // it is what is in use
      return;
    }
    try {
      const { value, close, ends } = await load(folder);
      await this.#announce(entry, folder, entry.slot.versions.length > 0);
      await entry.slot.add({ id: version, loadedAt: new Date(), value, close }, ends);
      entry.problem = undefined;
      this.#tell({ event: 'loaded', kind, name, version });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (entry.problem !== problem) this.#tell({ event: 'refused', kind, name, error });
      entry.problem = problem;
    }
  }

  async #remove<Value>(entries: Map<string, Entry<Value>>, kind: ServedKind, found: ReadonlySet<string>) {
    for (const [name, entry] of [...entries]) {
      if (found.has(name)) continue;
      const { slot } = entry;
      entry.missingSince ??= performance.now();
      if (performance.now() - entry.missingSince < GONE_MS) continue;
      entries.delete(name);
      await slot.close();
      this.#tell({ event: 'removed', kind, name });
    }
  }

  #tell(event: ShelfEvent): void {
    this.#options.onEvent?.(event);
  }
}

export interface ShelfEntry<Value> {
  readonly name: string;
  readonly versions: readonly Version<Value>[];
  readonly shares: ReadonlyMap<string, number>;
  readonly problem: string | undefined;
}

function listed<Value>(entries: ReadonlyMap<string, Entry<Value>>): ShelfEntry<Value>[] {
  return [...entries].map(([name, { slot, problem }]) => ({
    ...{ name, problem },
    ...{ versions: slot.versions, shares: slot.shares },
  }));
}

function entryOf<Value>(entries: ReadonlyMap<string, Entry<Value>>, kind: ServedKind, name: string): Entry<Value> {
  const entry = entries.get(name);
  if (entry === undefined) throw notFound(`There is no ${kind} of this name. GET /v1/${kind}s lists them.`);
  return entry;
}

/** A version in use, with whose it is. */
export interface NamedLease<Value> extends Lease<Value> {
  readonly kind: ServedKind;
  readonly name: string;
}

function leaseOf<Value>(
  entries: ReadonlyMap<string, Entry<Value>>,
  kind: ServedKind,
  name: string,
  who: string | undefined,
): NamedLease<Value> {
  const { slot } = entryOf(entries, kind, name);
  const lease = slot.lease(who === undefined ? undefined : chanceOf(name, who));
  if (lease === undefined) throw notFound(`The ${kind} does not load, or is being loaded: GET /v1/${kind}s says why.`);
  return { ...lease, kind, name };
}

/** Someone's place in [0, 1), the same each time, and another one for another name. */
function chanceOf(name: string, who: string): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([name, who]))
    .digest();
  return hash.readUInt32BE() / 2 ** 32;
}
