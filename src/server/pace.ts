/** Weight of the newest batch: what is slower than before is believed sooner than what is faster. */
const SLOWER = 0.5;
const FASTER = 0.25;

/** How fast batches go, by what they cost, and so how long what waits will take. */
export class Pace {
  /** Milliseconds a unit of cost; 0: nothing has run yet. */
  #rate = 0;
  #running: { readonly cost: number; readonly since: number } | undefined;

  get known(): boolean {
    return this.#rate > 0;
  }

  begin(cost: number): void {
    this.#running = { cost, since: performance.now() };
  }

  /** @param answered whether it did what it was to do: a failure says nothing of how long that takes */
  end(answered: boolean): void {
    const { cost, since } = this.#running!;
    this.#running = undefined;
    if (!answered) return;
    const rate = Math.max(1e-6, (performance.now() - since) / cost);
    const weight = this.#rate === 0 ? 1 : rate > this.#rate ? SLOWER : FASTER;
    this.#rate += weight * (rate - this.#rate);
  }

  /** Milliseconds that work will take behind what runs. A batch that takes longer than was thought says so at once. */
  expected(cost: number): number {
    if (this.#running === undefined) return cost * this.#rate;
    const elapsed = performance.now() - this.#running.since;
    const rate = Math.max(this.#rate, elapsed / this.#running.cost);
    return (this.#running.cost + cost) * rate - elapsed;
  }
}
