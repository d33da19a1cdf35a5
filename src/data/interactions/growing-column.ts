/** Numbers of the first block; each one has twice as many as the one before, … */
const FIRST = 1 << 12;
/** … but no more than these. */
const MOST = 1 << 20;

/** A column of numbers that grows: blocks of up to a million, so that nothing is copied until the end. */
export class GrowingColumn<A extends Int32Array | Float32Array | Float64Array> {
  private readonly full: A[] = [];
  private block: A;
  private used = 0;
  private inFull = 0;

  constructor(private readonly create: (length: number) => A) {
    this.block = create(FIRST);
  }

  get length(): number {
    return this.inFull + this.used;
  }

  push(value: number): void {
    if (this.used === this.block.length) {
      this.full.push(this.block);
      this.inFull += this.used;
      this.block = this.create(Math.min(2 * this.used, MOST));
      this.used = 0;
    }
    this.block[this.used++] = value;
  }

  /** All values; the column is empty afterwards, so that its blocks are freed one after the other. */
  take(): A {
    const all = this.create(this.length);
    all.set(this.block.subarray(0, this.used), this.inFull);
    for (let block = this.full.pop(); block; block = this.full.pop()) {
      this.inFull -= block.length;
      all.set(block, this.inFull);
    }
    this.used = 0;
    return all;
  }
}
