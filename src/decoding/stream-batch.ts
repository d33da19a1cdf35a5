import type { DecodingNetwork } from '../network/decoding/decoding-network.js';
import type { KeyValueSlots } from '../network/decoding/key-value-slots.js';
import type { AnswerInProgress } from './answer-in-progress.js';
import { readContext } from './begin.js';

/**
 * Streams that advance together, a token a step (continuous batching, Yu et al. 2022): one that ends makes room for one
 * that waits, at once. Stream i stands in slot i.
 */
export class StreamBatch {
  private readonly slots: KeyValueSlots;
  private readonly active: AnswerInProgress[] = [];
  private readonly waiting: AnswerInProgress[] = [];
  private running = false;

  /** @param onIdle called when nothing is left to do: it may be forgotten then */
  constructor(
    private readonly network: DecodingNetwork,
    private readonly most: number,
    private readonly onIdle: () => void,
  ) {
    this.slots = network.slots();
  }

  add(answer: AnswerInProgress): void {
    this.waiting.push(answer);
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    try {
      while (this.active.length + this.waiting.length > 0) {
        this.dropAbandoned();
        await this.admit();
        if (this.active.length > 0) await this.step();
      }
    } catch (error) {
      for (const { queue } of [...this.active.splice(0), ...this.waiting.splice(0)]) queue.fail(error);
    }
    this.running = false;
    this.onIdle();
  }

  private async admit(): Promise<void> {
    while (this.waiting.length > 0 && this.active.length < this.most) {
      const answer = this.waiting.shift()!;
      const slot = this.active.length;
      try {
        answer.take(await readContext(this.network, this.slots, slot, answer.request));
        if (answer.ended === undefined) this.active.push(answer);
      } catch (error) {
        answer.queue.fail(error);
      }
      this.dropAbandoned();
    }
  }

  private async step(): Promise<void> {
    const { prompt } = this.active[0]!.request;
    const logits = await this.network.step(
      this.slots,
      prompt,
      this.active.map(({ last }) => last),
    );
    const words = logits.length / this.active.length;
    this.active.forEach((answer, slot) => {
      answer.take(logits.subarray(slot * words, (slot + 1) * words));
    });
    this.leave(({ ended }) => ended !== undefined);
  }

  private dropAbandoned(): void {
    for (const { queue, abandoned } of [...this.active, ...this.waiting]) if (abandoned) queue.fail(abandoned.reason);
    this.leave(({ abandoned }) => abandoned !== undefined);
    const kept = this.waiting.filter(({ abandoned }) => abandoned === undefined);
    this.waiting.splice(0, this.waiting.length, ...kept);
  }

  /** Takes streams out; the last ones move into their slots. */
  private leave(leaves: (answer: AnswerInProgress) => boolean): void {
    for (let slot = this.active.length - 1; slot >= 0; slot--) {
      if (!leaves(this.active[slot]!)) continue;
      const last = this.active.pop()!;
      if (slot === this.active.length) continue;
      this.slots.copy(this.active.length, slot);
      this.active[slot] = last;
    }
  }
}
