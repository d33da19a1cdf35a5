import { SoftpromptError } from '../errors.js';

/** Until when something can be used, and what ends with it. */
export class Lifetime {
  private closing: Promise<void> | undefined;
  private readonly owned = new Set<() => Promise<void>>();

  /** @param name as a message says it: `the model` */
  constructor(private readonly name: string) {}

  /** What is closed with this. @returns forgets it */
  own(close: () => Promise<void>): () => void {
    this.owned.add(close);
    return () => this.owned.delete(close);
  }

  /** @throws CLOSED */
  check(): void {
    if (this.closing === undefined) return;
    throw new SoftpromptError('CLOSED', {
      found: `Something is asked of ${this.name}, which was closed`,
      expected: 'one that is open',
      fix: 'Close it after its last use, or open it again.',
    });
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (const close of [...this.owned].reverse()) await close();
  }
}
