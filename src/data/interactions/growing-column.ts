const BLOCK = 1 << 20;

/** A column of numbers that grows: blocks of a million, so that nothing is copied until the end. */
export class GrowingColumn<A extends Int32Array | Float32Array | Float64Array> {
  private readonly full: A[] = [];
  private block: A;
  private used = 0;

  constructor(private readonly create: (length: number) => A) {
    this.block = create(BLOCK);
  }

  get length(): number {
    return this.full.length * BLOCK + this.used;
  }

  push(value: number): void {
    if (this.used === BLOCK) {
      this.full.push(this.block);
      this.block = this.create(BLOCK);
      this.used = 0;
    }
    this.block[this.used++] = value;
  }

  /** All values; the column is empty afterwards, so that its blocks are freed one after the other. */
  take(): A {
    const all = this.create(this.full.length * BLOCK + this.used);
    all.set(this.block.subarray(0, this.used), this.full.length * BLOCK);
    for (let i = this.full.length - 1; i >= 0; i--) all.set(this.full.pop()!, i * BLOCK);
    this.used = 0;
    return all;
  }
}
