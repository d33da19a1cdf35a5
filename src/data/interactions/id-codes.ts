/** Ids numbered in the order in which they first appear. */
export class IdCodes {
  readonly ids: string[] = [];
  private readonly codes = new Map<string, number>();

  codeOf(id: string): number {
    const known = this.codes.get(id);
    if (known !== undefined) return known;
    const own = Buffer.from(id).toString(); // a slice of a line would keep the whole text block in memory
    this.codes.set(own, this.ids.length);
    return this.ids.push(own) - 1;
  }
}
