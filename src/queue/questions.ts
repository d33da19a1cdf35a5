import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultCacheFolder } from '../files/cache-folder.js';
import type { Answers, Question, QuestionsOf } from '../jobs/questions.js';
import { packageVersion } from '../package-version.js';
import { cancelled, openQueue } from './bull.js';
import { type ElsewhereOptions, failureOf, keepTree, memoryFor, tellOnce } from './client.js';
import type { ContentStore } from './content-store.js';
import { defaultStore } from './default-store.js';
import type { JobQueue, NewJob } from './job-queue.js';
import { keepBytes, keptBytes } from './kept-bytes.js';
import { openStore } from './open-store.js';
import { newPart, partId, type QueuedPart } from './queued-part.js';
import { bytesOfTree, treeAt } from './trees.js';

/** What may pass without news before the queue is asked. */
const LOOK_MS = 2000;

/** A connection to workers that answer light questions, such as for a piece of an update. */
export async function openQuestions(
  options: ElsewhereOptions,
  { work, plan, inputs, files }: QuestionsOf,
): Promise<Answers> {
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  const store = await openStore(options.store ?? defaultStore(options.cacheFolder));
  const queue = await openQueue(options.on, tellOnce(options.onEvent));
  try {
    const trees: Record<string, string> = {};
    let largest = 0;
    for (const path of files.map((file) => resolve(file)).filter((file) => existsSync(file))) {
      const tree = await treeAt(path, cacheFolder);
      largest = Math.max(largest, bytesOfTree(tree));
      trees[path] = await keepTree(store, tree, path);
    }
    const memoryMib = options.needsMemory ?? memoryFor(largest);
    const common = { version: packageVersion(), work, inputs, files: trees, makes: [], store: store.place, memoryMib };
    return await new QueueAnswers(options, queue, store, (part, asked) =>
      newPart({ ...common, plan: { ...plan, ...asked }, part }),
    ).watching();
  } catch (error) {
    await queue.close();
    throw error;
  }
}

class QueueAnswers implements Answers {
  /** Who waits for news of jobs. */
  private readonly listeners = new Set<(id: string) => void>();
  /** Which worker gave a job back, and why. */
  private readonly told = new Set<string>();

  constructor(
    private readonly options: ElsewhereOptions,
    private readonly queue: JobQueue,
    private readonly store: ContentStore,
    private readonly partOf: (name: string, asked: Question['asked']) => QueuedPart,
  ) {}

  async watching(): Promise<this> {
    await this.queue.watch((id) => {
      for (const hear of this.listeners) hear(id);
    });
    return this;
  }

  async workers(): Promise<number> {
    return (await this.queue.workers()).length;
  }

  keep(content: Uint8Array): Promise<string> {
    return keepBytes(this.store, content);
  }

  content(hash: string): Promise<Uint8Array> {
    return keptBytes(this.store, hash);
  }

  async ask(questions: readonly Question[], signal?: AbortSignal): Promise<unknown[]> {
    const { priority = 0 } = this.options;
    const jobs = questions.map(({ name, asked }): NewJob => {
      const data = this.partOf(name, asked);
      return { id: partId(data), title: `${data.work} ${name}`, data, priority };
    });
    const begun = Date.now();
    const answers = new Map<string, unknown>();
    const changed = new Set<string>();
    let wake = () => {};
    const hear = (id: string) => {
      changed.add(id);
      wake();
    };
    const news = (looked: number) =>
      new Promise<void>((done) => {
        const timer = setTimeout(done, Math.max(0, LOOK_MS + 1 - (performance.now() - looked)));
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    const ended = () => wake();
    this.listeners.add(hear);
    signal?.addEventListener('abort', ended, { once: true });
    try {
      await this.queue.ask(jobs);
      let looked = performance.now();
      while (answers.size < jobs.length) {
        signal?.throwIfAborted();
        const isLate = performance.now() - looked > LOOK_MS;
        if (isLate) looked = performance.now();
        const now = new Set(changed);
        changed.clear();
        const open = jobs.filter(({ id }) => !answers.has(id));
        await Promise.all(
          open
            .filter(({ id }) => isLate || now.has(id))
            .map(async (job) => {
              const answer = (await this.queue.answer(job.id)) ?? (isLate ? await this.late(job, begun) : undefined);
              if (answer !== undefined) answers.set(job.id, answer);
            }),
        );
        if (answers.size < jobs.length && changed.size === 0) await news(looked);
      }
      return jobs.map(({ id }) => answers.get(id));
    } finally {
      this.listeners.delete(hear);
      signal?.removeEventListener('abort', ended);
      // whoever asks the same again has it done again
      void this.queue.forget(jobs.map(({ id }) => id));
    }
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  /** Why there is no answer yet: the job is asked for again where it is gone, or was given up before. */
  private async late(job: NewJob, begun: number): Promise<unknown> {
    const now = await this.queue.read(job.id);
    if (now === undefined) await this.queue.ask([job]);
    for (const [name, why] of Object.entries(now?.passed ?? {})) {
      if (this.told.has(`${name} ${why}`)) continue;
      this.told.add(`${name} ${why}`);
      this.options.onEvent({ event: 'note', text: `worker ${name} gave ${job.title} back: ${why}` });
    }
    if (now?.state === 'completed' && now.result) return now.result;
    if (now?.cancelled) throw cancelled();
    if (now?.state !== 'dead' && now?.state !== 'completed') return undefined;
    if (now.state === 'dead' && (now.ended ?? now.added) > begun) throw failureOf(now);
    await this.queue.forget([job.id]);
    await this.queue.ask([job]);
    return undefined;
  }
}
