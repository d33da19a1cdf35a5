import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { defaultCacheFolder } from '../files/cache-folder.js';
import type { Elsewhere, JobInFolder, Part } from '../jobs/parts.js';
import { packageVersion } from '../package-version.js';
import { cancelled, openQueue } from './bull.js';
import { type ElsewhereOptions, failureOf, keepTree, memoryFor, tellOnce } from './client.js';
import type { ContentStore } from './content-store.js';
import { defaultStore } from './default-store.js';
import type { JobQueue, QueuedJob } from './job-queue.js';
import { openStore } from './open-store.js';
import { openQuestions } from './questions.js';
import { newPart, partId, partResult, type QueuedPart } from './queued-part.js';
import { bytesOfTree, fetchTree, putTree, treeAt, treeOf } from './trees.js';
import type { PlanRecord, Work } from './work.js';

/** What may pass without news before the queue is asked. */
const LOOK_MS = 2000;

/** Has parts done by the workers of a queue. */
export function queueElsewhere(options: ElsewhereOptions): Elsewhere {
  return {
    evenIfSlower: options.piecesAlways,
    open: (questions) => openQuestions(options, questions),
    gather: async (job, parts, signal) => {
      signal?.throwIfAborted();
      const store = await openStore(options.store ?? defaultStore(options.cacheFolder));
      const queue = await openQueue(options.on, tellOnce(options.onEvent));
      try {
        await new Gathering(options, queue, store, job, parts, signal).run();
      } finally {
        await queue.close();
      }
    },
  };
}

interface Asked {
  readonly part: Part;
  readonly id: string;
  readonly data: QueuedPart;
}

/** One call of `gather`. */
class Gathering {
  private readonly cacheFolder: string;
  private asked: Asked[] = [];
  private ended = 0;
  private wake = () => {};
  private readonly changed = new Set<string>();
  private readonly told = new Map<string, string>();

  constructor(
    private readonly options: ElsewhereOptions,
    private readonly queue: JobQueue,
    private readonly store: ContentStore,
    private readonly job: JobInFolder,
    private readonly parts: readonly Part[],
    private readonly signal: AbortSignal | undefined,
  ) {
    this.cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  }

  async run(): Promise<void> {
    const { queue, signal, options } = this;
    this.asked = await this.prepare();
    await queue.watch((id) => {
      this.changed.add(id);
      this.wake();
    });
    await this.give(this.asked);
    const workers = (await queue.workers()).length;
    options.onEvent({ event: 'queued', parts: this.asked.length, workers });
    if (workers === 0) {
      const text = 'no worker is connected to the queue: start some with `npx softprompt worker --queue …`';
      options.onEvent({ event: 'note', text });
    }
    const wake = () => this.wake();
    signal?.addEventListener('abort', wake, { once: true });
    try {
      // what comes later may replace what an earlier part made: they are placed in their order
      for (const asked of this.asked) await this.place(asked, await this.endOf(asked));
    } catch (error) {
      if (options.cancel && signal?.aborted) for (const { id } of this.asked) await queue.cancel(id);
      throw error;
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  private async prepare(): Promise<Asked[]> {
    const { options, store, cacheFolder, job, parts } = this;
    const work = options.works[job.kind];
    if (work === undefined || 'answer' in work) throw cannotTravel(job.kind);
    const plan = work.withPaths(job.plan as PlanRecord, (path) => resolve(path));
    const refusal = work.check?.(plan);
    if (refusal) throw refusal;
    const files: Record<string, string> = {};
    let largest = 0;
    for (const path of await pathsOf(work, plan)) {
      const tree = await treeAt(path, cacheFolder);
      largest = Math.max(largest, bytesOfTree(tree));
      files[path] = await keepTree(store, tree, path);
    }
    const memoryMib = options.needsMemory ?? memoryFor(largest);
    return Promise.all(
      parts.map(async (part) => {
        const needed = await treeOf(job.folder, part.needs ?? [], cacheFolder);
        const needs = needed.files.length > 0 ? await putTree(store, needed, job.folder) : undefined;
        const data = newPart({
          ...{ version: packageVersion(), work: job.kind, plan, inputs: job.inputs, part: part.name, files },
          ...{ ...(needs && { needs }), makes: [...part.makes], store: store.place, memoryMib },
        });
        return { part, id: partId(data), data };
      }),
    );
  }

  private give(asked: readonly Asked[], anew = false): Promise<void> {
    const { priority = 0 } = this.options;
    return this.queue.add(
      asked.map(({ id, part, data }) => ({ id, title: `${data.work} ${part.name}`, data, priority })),
      anew,
    );
  }

  /** Waits until a job has ended. */
  private async endOf(asked: Asked): Promise<QueuedJob> {
    for (;;) {
      this.signal?.throwIfAborted();
      const now = await this.queue.read(asked.id);
      if (now === undefined) await this.give([asked]); // the queue forgot it, as a server without a disk does
      if (now?.state === 'completed') return now;
      if (now?.state === 'dead') throw failureOf(now);
      if (now?.cancelled) throw cancelled();
      if (now) this.tell(asked, now);
      await this.news();
    }
  }

  /** Something changed, or it is time to look. */
  private async news(): Promise<void> {
    if (this.changed.size === 0) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, LOOK_MS);
        this.wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    const changed = [...this.changed];
    this.changed.clear();
    for (const asked of this.asked.filter(({ id }) => changed.includes(id))) {
      const now = await this.queue.read(asked.id);
      if (now?.state === 'dead') throw failureOf(now);
      if (now) this.tell(asked, now);
    }
  }

  private tell({ part }: Asked, { worker, progress, passed, state }: QueuedJob): void {
    const { onEvent } = this.options;
    for (const [name, why] of Object.entries(passed)) {
      if (this.told.get(`${part.name} ${name}`) === why) continue;
      this.told.set(`${part.name} ${name}`, why);
      onEvent({ event: 'note', text: `worker ${name} gave ${part.name} back: ${why}` });
    }
    const text = JSON.stringify(progress ?? {});
    if (state !== 'active' || progress === undefined || this.told.get(part.name) === text) return;
    this.told.set(part.name, text);
    onEvent({ event: 'part', part: part.name, worker, told: progress });
  }

  private async place(asked: Asked, first: QueuedJob): Promise<void> {
    let ended = first;
    for (let attempt = 0; ; attempt++) {
      try {
        const { tree, seconds } = partResult.parse(ended.result);
        await fetchTree(this.store, tree, this.job.folder);
        this.ended += 1;
        const { part, id } = asked;
        const counts = { done: this.ended, all: this.asked.length };
        this.options.onEvent({
          event: 'part ended',
          part: part.name,
          job: id,
          worker: ended.worker,
          seconds,
          ...counts,
        });
        return;
      } catch (error) {
        const lost = error instanceof SoftpromptError && error.code === 'QUEUE_CONTENT_MISSING';
        if (!lost || attempt > 0) throw error;
        await this.give([asked], true); // the queue remembers what the store has lost
        ended = await this.endOf(asked);
      }
    }
  }
}

/** What of a plan's paths is there, and can travel. */
async function pathsOf(work: Work, plan: PlanRecord): Promise<string[]> {
  const paths = new Set(await work.morePaths?.(plan));
  work.withPaths(plan, (path) => {
    paths.add(path);
    return path;
  });
  return [...paths].filter((path) => existsSync(path)).sort();
}

const cannotTravel = (kind: string) =>
  new SoftpromptError('QUEUE_JOB_FOREIGN', {
    found: `Work of the kind '${kind}' has no parts that a queue can carry`,
    expected: 'tune, compare, transfer, fit, batch, predict or evaluate',
    fix: 'Leave out --on.',
  });
