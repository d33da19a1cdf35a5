import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { checkRecord } from '../files/json-record.js';

const FORMAT = 'softprompt part 1';

const record = z.object({
  format: z.literal(FORMAT),
  /** Of softprompt: another one may give other bytes. */
  version: z.string(),
  /** Which work it is a part of, see `Work`. */
  work: z.string(),
  /** All options, with the paths of the machine that asked. */
  plan: z.record(z.string(), z.unknown()),
  /** Hash of what the work learns from, by name: whoever does it must find the same. */
  inputs: z.record(z.string(), z.string()),
  part: z.string(),
  /** Trees by the path under which the plan names them. */
  files: z.record(z.string(), z.string()),
  /** What of the job's folder it goes on from, as a tree. */
  needs: z.string().optional(),
  /** What it leaves in the job's folder. */
  makes: z.array(z.string()),
  /** Where all of these lie. */
  store: z.string(),
  /** What a worker must have free, in MiB. */
  memoryMib: z.number(),
});

/** A part of a job as it travels. */
export type QueuedPart = z.infer<typeof record>;

/** What comes back. */
export const partResult = z.object({ tree: z.string(), seconds: z.number() });

/** @throws QUEUE_JOB_FOREIGN */
export function readPart(data: unknown): QueuedPart {
  const read = checkRecord(data, record);
  if (read.record !== undefined) return read.record;
  throw new SoftpromptError('QUEUE_JOB_FOREIGN', {
    found: `A job of the queue is none of this version's: ${read.problem}`,
    expected: 'a job that this version of softprompt gave',
    fix: 'Let clients and workers have the same version.',
  });
}

export const newPart = (part: Omit<QueuedPart, 'format'>): QueuedPart => ({ format: FORMAT, ...part });

/** Options that change neither what is computed nor from what. */
const FREE = ['out', 'threads', 'overwrite', 'keepTraining'];

/** The same work on the same contents has the same name, whoever asks and wherever their files lie. */
export function partId({ version, work, plan, inputs, part, files, needs, makes }: QueuedPart): string {
  const asked = Object.fromEntries(Object.entries(plan).filter(([name]) => !FREE.includes(name)));
  let text = JSON.stringify({ version, work, asked, inputs, part, needs, makes });
  const inJson = (path: string) => JSON.stringify(path).slice(1, -1);
  for (const [path, tree] of Object.entries(files).sort(([a], [b]) => b.length - a.length))
    text = text.replaceAll(inJson(path), tree);
  return `${work}-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}
