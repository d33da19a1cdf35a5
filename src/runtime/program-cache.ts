import type { Program } from './program.js';

/** Programs that are compiled when they are first asked for, and kept. */
export interface ProgramCache {
  /** A compilation that failed is tried again when it is asked for again. */
  get(key: string, make: () => Promise<Program>): Promise<Program>;
  release(): Promise<void>;
}

export function programCache(): ProgramCache {
  const programs = new Map<string, Promise<Program>>();
  return {
    get: (key, make) => {
      const known = programs.get(key);
      if (known !== undefined) return known;
      const made = make();
      programs.set(key, made);
      made.catch(() => programs.delete(key));
      return made;
    },
    release: async () => {
      const made = await Promise.allSettled(programs.values());
      programs.clear();
      for (const program of made) if (program.status === 'fulfilled') await program.value.release();
    },
  };
}
