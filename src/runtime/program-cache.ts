import { SoftpromptError } from '../errors.js';
import type { Program } from './program.js';

/** Programs that are compiled when they are first asked for, and kept. */
export interface ProgramCache {
  /** A compilation that failed is tried again when it is asked for again. */
  get(key: string, make: () => Promise<Program>): Promise<Program>;
  /** Nothing is compiled afterwards. */
  release(): Promise<void>;
}

export function programCache(): ProgramCache {
  const programs = new Map<string, Promise<Program>>();
  let released = false;
  return {
    get: (key, make) => {
      if (released) return Promise.reject(closed());
      const known = programs.get(key);
      if (known !== undefined) return known;
      const made = make();
      programs.set(key, made);
      made.catch(() => programs.delete(key));
      return made;
    },
    release: async () => {
      released = true;
      const made = await Promise.allSettled(programs.values());
      programs.clear();
      for (const program of made) if (program.status === 'fulfilled') await program.value.release();
    },
  };
}

function closed(): SoftpromptError {
  return new SoftpromptError('GRAPH_RUN', {
    found: 'What was closed is asked to compute',
    expected: 'a prompt, recommender or network that is open',
    fix: 'Open it again, or close it later.',
  });
}
