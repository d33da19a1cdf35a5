import { conflict, notFound } from './server-refusals.js';

/** Something that answers, as it was at one time: a prompt or a recommender, loaded whole. */
export interface Version<Value> {
  /** What tells it from others of its name, such as the beginning of its content's hash. */
  readonly id: string;
  readonly loadedAt: Date;
  readonly value: Value;
  close(): Promise<void>;
}

/** A version in use: it stays open until it is released. */
export interface Lease<Value> extends Version<Value> {
  release(): void;
}

/** Older versions that stay open, so that one can go back to them. */
const KEPT = 2;

interface Held<Value> {
  readonly version: Version<Value>;
  users: number;
  leaving: boolean;
}

/**
 * The versions of one name. New requests get the newest, or are spread by weights over several; what is in use stays open
 * until its last answer.
 */
export class VersionSlot<Value> {
  /** The newest last. */
  #held: Held<Value>[] = [];
  /** Version → share of requests; undefined: the newest gets all. */
  #split: ReadonlyMap<string, number> | undefined;

  get versions(): readonly Version<Value>[] {
    return this.#held.map(({ version }) => version);
  }

  /** Version → share of requests, in sum 1. */
  get shares(): ReadonlyMap<string, number> {
    const newest = this.#held.at(-1);
    return this.#split ?? new Map(newest === undefined ? [] : [[newest.version.id, 1]]);
  }

  /**
   * Puts a version in front. A split ends, since the new one has no part in it.
   * @param ends whether an older version must not answer any more, such as one that knows who has been forgotten since
   */
  async add(version: Version<Value>, ends: (older: Value) => boolean = () => false): Promise<void> {
    const before = this.#held.find((held) => held.version.id === version.id);
    if (before !== undefined) {
      await version.close();
      this.#held = [...this.#held.filter((held) => held !== before), before];
    } else {
      this.#held.push({ version, users: 0, leaving: false });
    }
    this.#split = undefined;
    const ended = this.#held.slice(0, -1).filter((old) => ends(old.version.value));
    for (const old of ended) await this.#leave(old);
    for (const old of this.#held.slice(0, -1 - KEPT)) await this.#leave(old);
  }

  /** Shares of requests, as a split asks for them. @param weights version → any positive number, or 0 for none */
  sharesOf(weights: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
    const unknown = Object.keys(weights).find((id) => !this.#held.some(({ version }) => version.id === id));
    if (unknown !== undefined) throw notFound(`There is no version '${unknown}' here; ${this.#named()}.`);
    const sum = Object.values(weights).reduce((before, weight) => before + weight, 0);
    if (!(sum > 0)) throw conflict('One version at least must have a weight above 0.');
    return new Map(Object.entries(weights).map(([id, weight]) => [id, weight / sum]));
  }

  /** Shares of which a version gets all: by default the one before the newest. */
  sharesBack(id?: string): ReadonlyMap<string, number> {
    const to = id ?? this.#held.at(-2)?.version.id;
    if (to === undefined) throw conflict('There is no earlier version to go back to.');
    return this.sharesOf({ [to]: 1 });
  }

  /** Spreads requests over versions. @param shares in sum 1 */
  spread(shares: ReadonlyMap<string, number> | undefined): void {
    this.#split = shares;
  }

  /**
   * Puts versions in the order that all services have; those that nobody knows any more go, save where there are no others.
   * @param ids the newest last
   */
  async arrange(ids: readonly string[]): Promise<void> {
    const place = ({ version }: Held<Value>) => ids.indexOf(version.id);
    if (this.#held.every((held) => place(held) === -1)) return;
    const leaving = this.#held.filter((held) => place(held) === -1);
    this.#held.sort((a, b) => place(a) - place(b));
    for (const held of leaving) await this.#leave(held);
  }

  /** @param chance in [0, 1): which of several versions answers */
  lease(chance = Math.random()): Lease<Value> | undefined {
    let rest = chance;
    const chosen = [...this.shares].find(([, share]) => {
      rest -= share;
      return rest < 0;
    });
    const held = this.#held.find(({ version }) => version.id === chosen?.[0]) ?? this.#held.at(-1);
    if (held === undefined) return undefined;
    held.users += 1;
    let released = false;
    return {
      ...held.version,
      release: () => {
        if (released) return;
        released = true;
        held.users -= 1;
        if (held.leaving && held.users === 0) void held.version.close();
      },
    };
  }

  async close(): Promise<void> {
    for (const held of [...this.#held]) await this.#leave(held);
  }

  async #leave(held: Held<Value>): Promise<void> {
    this.#held = this.#held.filter((other) => other !== held);
    held.leaving = true;
    if (held.users === 0) await held.version.close();
  }

  #named(): string {
    return `there are ${this.#held.map(({ version }) => `'${version.id}'`).join(', ')}`;
  }
}
