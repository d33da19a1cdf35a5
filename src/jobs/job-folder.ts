import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { parseRecord } from '../files/json-record.js';
import { pathFromHere } from '../files/path-from-here.js';
import { softpromptCommand } from '../shell-command.js';
import { refuseEarlierState } from '../training/state-file.js';
import { HISTORY_FILE, RESULT_FILE, RESULT_FORMAT, readHistory } from './ended-job.js';
import type { Job, JobInputs, JobKind, JobResult } from './job.js';
import { dataChanged, notFound, unfinished } from './job-errors.js';
import { optionsFromJson, optionsToJson } from './options-json.js';

/** The files of `training/` that hold plans. */
const RECORDS: readonly string[] = ['run.json', 'words-run.json', 'fit.json'];
/** Those that are no states; hidden ones are those of killed processes. */
const NO_STATES: readonly string[] = [...RECORDS, 'tokenizer.json', 'events.jsonl'];
const begun = z.object({ product: z.string() });
const STATE_ENDING = '.safetensors';
/** Options that change neither result nor data. */
const FREE: readonly string[] = ['out', 'threads', 'overwrite', 'keepTraining'];

/** How a shard's state is kept in a file; see `writeTrainingState`. */
export interface StateFormat<State> {
  read(path: string): Promise<{
    readonly state: State;
    readonly context: Readonly<Record<string, unknown>> | null;
  }>;
  write(path: string, state: State, context: unknown): Promise<void>;
}

/**
 * What a folder keeps of a job so that it can go on: `training/` with the record (the plan), a state a shard
 * (`NAME.safetensors`) and `events.jsonl`, which go when the job has ended; beside it `history.jsonl` and, of a job that has
 * ended, `result.json`.
 * Errors of all that writes: the kind's `unwritable`.
 */
export class JobFolder<Plan extends { readonly out: string }> {
  readonly training: string;
  readonly historyFile: string;
  readonly resultFile: string;
  readonly eventsFile: string;
  private readonly recordFile: string;

  constructor(
    readonly kind: JobKind<Plan>,
    readonly path: string,
  ) {
    this.training = join(path, 'training');
    this.historyFile = join(path, HISTORY_FILE);
    this.resultFile = join(path, RESULT_FILE);
    this.eventsFile = join(this.training, 'events.jsonl');
    this.recordFile = join(this.training, kind.record);
  }

  /** Runs what writes into the folder. */
  write(action: () => Promise<void>): Promise<void> {
    const { noun, product, unwritable } = this.kind;
    const what =
      product === 'model'
        ? `The model in ${this.path}, and the state of its training,`
        : `The state of the ${noun} in ${this.path}`;
    const next = `\`${softpromptCommand('resume', this.path)}\` goes on from the last state that was saved.`;
    return writeToFolder(what, action, next, unwritable);
  }

  /** Whether a job, with whichever plan, lies in the folder. */
  holdsRecord(): boolean {
    return existsSync(this.recordFile);
  }

  /** Whether something was trained, by a job of whichever kind, that would be lost. */
  holdsState(): boolean {
    return this.states().length > 0;
  }

  /** Whether something was trained that a job goes on from, or a product is there, of a job of whichever kind. */
  holdsWorth(): boolean {
    return this.holdsState() || [this.kind.productFile, ...this.begunProducts()].some((name) => this.holds(name));
  }

  /** Whether the folder holds a job with this plan. @throws RUN_UNFINISHED where a new one would discard training */
  async checkUnused(plan?: Plan): Promise<boolean> {
    const { repeatable } = this.kind;
    let problem: string | undefined;
    if (repeatable && plan !== undefined && this.holdsRecord()) {
      const kept = await this.recordOf();
      if (kept.record !== undefined && isDeepStrictEqual(this.facts(kept.record.plan), this.facts(plan))) return true;
      problem = kept.problem;
    }
    if (this.holdsWorth()) throw unfinished(this.kind, this.path, this.holdsState(), problem);
    return false;
  }

  /** Forgets what an earlier job left. */
  clear(): Promise<void> {
    return this.write(async () => {
      await this.forgetTraining();
      await rm(this.historyFile, { force: true });
      await rm(this.resultFile, { force: true });
    });
  }

  /** Keeps what a job came to, for reports of it. */
  writeResult(result: JobResult): Promise<void> {
    const { out: _, ...told } = result;
    const text = `${JSON.stringify({ format: RESULT_FORMAT, kind: this.kind.name, ...told }, null, 1)}\n`;
    return this.write(() => writeFileAtomically(this.resultFile, text));
  }

  /** Writes the history of one shard anew, for people and charts: `{ [key]: shard, ...line }` a line; others stay. */
  writeHistory(key: string, shard: string | number, lines: readonly object[]): Promise<void> {
    return this.write(async () => {
      const others = (await readHistory(this.path)).filter((line) => key in line && line[key] !== shard);
      const all = [...others, ...lines.map((line) => ({ [key]: shard, ...line }))];
      await writeFileAtomically(this.historyFile, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
    });
  }

  /** Forgets the training of a job that has ended; the history stays. */
  end(): Promise<void> {
    return this.write(() => this.forgetTraining());
  }

  writeRecord(plan: Plan, inputs: JobInputs = {}): Promise<void> {
    const { format, keep, withPaths } = this.kind;
    const record = {
      ...{ format, product: this.kind.productFile },
      ...(withPaths && { cwd: process.cwd() }),
      options: keep ? keep(plan) : plan,
      ...(Object.keys(inputs).length > 0 && { inputs }),
    };
    return this.write(() => writeFileAtomically(this.recordFile, `${optionsToJson(record, 2)}\n`));
  }

  /** The job, with paths as seen from here, and this folder as the place of its product. Errors: RUN_NOT_FOUND. */
  async read(): Promise<Job<Plan>> {
    const { kind, path } = this;
    if (!this.holdsRecord()) {
      throw notFound(
        kind,
        existsSync(join(path, kind.productFile))
          ? `${path} holds ${kind.endedAs}: there is nothing to go on with`
          : `${path} has no training/${kind.record} that can be read`,
      );
    }
    const { record, problem } = await this.recordOf();
    if (record === undefined) throw notFound(kind, `${this.recordFile} cannot be used: ${problem}`);
    const { plan, inputs } = record;
    return { kind: kind.name, plan: { ...plan, out: path }, inputs, shards: this.shards() };
  }

  /**
   * The state of a shard, with what it must be continued with.
   * @throws STATE_UNREADABLE
   */
  async readState<State>(name: string, format: StateFormat<State>) {
    const file = join(this.training, `${name}${STATE_ENDING}`);
    if (existsSync(file)) {
      const { state, context } = await format.read(file);
      return { state, basis: context?.basis };
    }
    refuseEarlierState(join(this.training, `${name}.json`));
    return undefined;
  }

  /** @param basis a hash of all that the state must be continued with */
  writeState<State>(name: string, format: StateFormat<State>, state: State, basis: string): Promise<void> {
    return this.write(() => format.write(join(this.training, `${name}${STATE_ENDING}`), state, { basis }));
  }

  /** Where the state of a shard is kept, and gone on from. Errors of `read`: RUN_DATA_CHANGED, STATE_UNREADABLE. */
  shard<State>(name: string, format: StateFormat<State>, basis: string) {
    return {
      read: async (): Promise<State | undefined> => {
        const saved = await this.readState(name, format);
        this.checkBasis(saved, basis);
        return saved?.state;
      },
      write: (state: State): Promise<void> => this.writeState(name, format, state, basis),
    };
  }

  /** @throws RUN_DATA_CHANGED */
  checkBasis(saved: { readonly basis: unknown } | undefined, basis: string): void {
    if (saved !== undefined && saved.basis !== basis) throw dataChanged(this.kind, this.path);
  }

  private holds = (name: string) => existsSync(join(this.path, name));

  /** The files that jobs which were begun here, of other kinds too, add to while they go. */
  private begunProducts(): string[] {
    return RECORDS.flatMap((name) => {
      const path = join(this.training, name);
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      return parseRecord(text, begun).record?.product ?? [];
    });
  }

  private shards(): string[] {
    const ofShards = this.states().filter((name) => name.endsWith(STATE_ENDING));
    return ofShards.map((name) => name.slice(0, -STATE_ENDING.length)).sort();
  }

  private states(): string[] {
    const isFolder = statSync(this.training, { throwIfNoEntry: false })?.isDirectory();
    return isFolder ? readdirSync(this.training).filter(isState) : [];
  }

  private async recordOf() {
    const { format, schema, withPaths } = this.kind;
    const fields = { options: schema, cwd: z.string().optional(), inputs: z.record(z.string(), z.string()).optional() };
    const content = await readFile(this.recordFile, 'utf8').catch(() => '');
    const { record, problem } = optionsFromJson(content, z.object(fields), { format });
    if (record === undefined) return { problem };
    const { options, cwd, inputs = {} } = record;
    const fromHere = (path: string) => pathFromHere(path, cwd ?? process.cwd());
    return { record: { plan: withPaths ? withPaths(options, fromHere) : options, inputs } };
  }

  /** What tells the job of one plan from that of another: what JSON keeps of it, its paths absolute. */
  private facts(plan: Plan): Record<string, unknown> {
    const { keep, withPaths } = this.kind;
    const absolute = withPaths ? withPaths(plan, (path) => resolve(path)) : plan;
    const kept = JSON.parse(optionsToJson(keep ? keep(absolute) : absolute)) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(kept).filter(([name]) => !FREE.includes(name)));
  }

  private forgetTraining(): Promise<void> {
    return rm(this.training, { recursive: true, force: true });
  }
}

const isState = (name: string) => !name.startsWith('.') && !NO_STATES.includes(name);
