import { setTimeout as sleep } from 'node:timers/promises';
import type { ServedName, ServedVersions } from '../interaction-store/served-versions.js';
import { filesOf, putThere } from './shared-versions.js';
import type { FoundFolder, ServedKind } from './watched-folder.js';

/** How often the database is asked whether something changed, in milliseconds: one row of one table. */
const POLL_MS = 250;

/** What all services of a database agree upon, as it was read last. While the database is out of reach that stays. */
export class Agreement {
  readonly #shared: ServedVersions;
  #names = new Map<string, ServedName>();
  #revision = -1;

  constructor(shared: ServedVersions) {
    this.#shared = shared;
  }

  of(kind: ServedKind, name: string): ServedName | undefined {
    return this.#names.get(`${kind} ${name}`);
  }

  /** Reads it anew where it changed. @returns whether it did */
  async read(): Promise<boolean> {
    const revision = await this.#shared.revision();
    if (revision === this.#revision) return false;
    const names = await this.#shared.all();
    this.#names = new Map(names.map((one) => [`${one.kind} ${one.name}`, one]));
    this.#revision = revision;
    return true;
  }

  /** Calls back after each change, until the signal comes. */
  async watch(onChange: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const changed = await this.read().catch(() => false);
      if (changed) await onChange();
    }
  }

  /** @param running whether this service had another version in this folder before */
  async announce(folder: FoundFolder, running: boolean): Promise<void> {
    const { kind, name, version } = folder;
    const known = this.of(kind, name);
    if (known?.versions.at(-1) === version) return;
    // a service that starts may have a folder of before
    const comes = running || known === undefined || (await putThere(folder)) > known.since;
    await this.#shared.announce({ kind, name, version, comes, files: await filesOf(folder) });
  }

  async spread(kind: ServedKind, name: string, shares: ReadonlyMap<string, number>): Promise<void> {
    await this.#shared.spread(kind, name, shares);
    await this.read();
  }

  files(kind: ServedKind, name: string, version: string) {
    return this.#shared.files(kind, name, version);
  }
}
