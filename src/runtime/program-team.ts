import { availableParallelism } from 'node:os';
import type { Tensor } from '../autodiff/tensor.js';
import { currentRuntime } from './load-runtime.js';
import { compile, type Feed, orExplain, type Program, type ProgramOptions, programOf } from './program.js';

/** Programs of a team at most: beyond, threads inside an operator are added. */
const LARGEST_TEAM = 4;

/**
 * The same program several times, each on a thread of its own, so that parts of a batch run at once: small matrices gain
 * more so than from several threads inside an operator. With one thread it is one program on the caller's.
 * @param options threads: of all together; default, or 0: a program a processor, at most 4; from 16 processors on, each has
 * several threads, half of the processors together
 */
export async function compileTeam(
  results: Readonly<Record<string, Tensor>>,
  { threads, ...rest }: ProgramOptions = {},
): Promise<readonly Program[]> {
  const processors = availableParallelism();
  const members = Math.min(LARGEST_TEAM, threads || processors);
  const each = Math.max(1, Math.floor((threads || processors / 2) / members));
  const options = { ...rest, threads: each };
  if (members === 1) return [await compile(results, options)];
  const runtime = rest.runtime ?? (await currentRuntime());
  const model = runtime.lower(results);
  const opened = await Promise.allSettled(
    Array.from({ length: members }, () => runtime.open(model, { ...options, thread: 'own' })),
  );
  const sessions = opened.flatMap((session) => (session.status === 'fulfilled' ? [session.value] : []));
  const failed = opened.find((session) => session.status === 'rejected');
  if (failed) {
    for (const session of sessions) await session.release();
    await orExplain('load', () => Promise.reject(failed.reason));
  }
  return sessions.map((session) => programOf(model, session));
}

/** What a program is fed, see `Program.run`. */
export interface ProgramRun {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** What the runs' results come to together: each of the team adds those of its own, in turn, then the team's are added. */
export async function sumOfRuns(
  team: readonly Program[],
  runs: readonly ProgramRun[],
): Promise<Record<string, Float32Array>> {
  const ofMembers = await Promise.all(
    team.map(async (program, member) => {
      const sums: Record<string, Float32Array> = {};
      for (const { feeds, sizes } of runs.filter((_, i) => i % team.length === member)) {
        addTo(sums, await program.run(feeds, sizes));
      }
      return sums;
    }),
  );
  return ofMembers.reduce(addTo);
}

function addTo(
  sums: Record<string, Float32Array>,
  results: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  for (const [name, values] of Object.entries(results)) {
    const sum = sums[name];
    if (sum === undefined) sums[name] = values;
    else for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
  }
  return sums;
}
