import { SoftpromptError } from '../../errors.js';

/**
 * Ids numbered in the order in which they first appear. Half a character (a lone surrogate), which a text file cannot
 * hold, is read as U+FFFD.
 */
export class IdCodes {
  readonly ids: string[] = [];
  /** Different ids that held half a character. */
  malformed = 0;
  /** An id that became the same as another for that reason. */
  private merged: string | undefined;
  /** As it was given → code. */
  private readonly codes = new Map<string, number>();
  /** As it is kept → code, of those with half a character. */
  private readonly mended = new Map<string, number>();

  codeOf(id: string): number {
    const known = this.codes.get(id);
    if (known !== undefined) return known;
    const own = wellFormed(id); // a slice of a line would keep the whole text block in memory
    const same = this.mended.get(own) ?? this.codes.get(own);
    const code = same ?? this.ids.push(own) - 1;
    if (same !== undefined) this.merged ??= id;
    if (own === id) this.codes.set(own, code);
    else {
      this.malformed += 1;
      this.mended.set(own, code);
      this.codes.set(Buffer.from(id, 'utf16le').toString('utf16le'), code);
    }
    return code;
  }

  /** @throws DATA_ID_REPEATED where two ids differ only in half a character */
  checkDistinct(source: string): void {
    if (this.merged === undefined) return;
    throw new SoftpromptError('DATA_ID_REPEATED', {
      found: `${source} has ${this.malformed} ids with half a character (a lone surrogate), and ${JSON.stringify(this.merged)} differs from another only in it`,
      expected: 'ids that stay different as UTF-8 text',
      fix: 'Write these ids out whole: whatever cut them off in the middle of a character must leave that out.',
    });
  }
}

/** id → code. An id with half a character is found as `IdCodes` keeps it. */
export const codesById = (ids: readonly string[]): ReadonlyMap<string, number> =>
  new WellFormedKeys(ids.map((id, code) => [id, code]));

class WellFormedKeys extends Map<string, number> {
  override get(id: string): number | undefined {
    return super.get(id) ?? super.get(wellFormed(id));
  }

  override has(id: string): boolean {
    return this.get(id) !== undefined;
  }
}

/** The text as UTF-8 files hold it: U+FFFD for half a character. */
const wellFormed = (text: string) => Buffer.from(text).toString();
