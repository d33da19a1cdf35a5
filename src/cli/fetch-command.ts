import { DATA_SETS, dataSetNamed } from '../hub/data-sets/data-sets.js';
import { fetchData } from '../hub/data-sets/fetch-data.js';
import { FETCH } from '../hub/data-sets/fetch-options.js';
import { required } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';

type FetchFlags = Flags & { readonly json?: boolean; readonly list?: boolean };

const MIB = 2 ** 20;

export async function fetchCommand(name: string | undefined, flags: FetchFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  if (flags.list) {
    const sets = DATA_SETS.map(({ name, about, mebibytes, terms, url }) => ({ name, about, mebibytes, terms, url }));
    output.result({ sets });
    for (const set of sets) output.say(`${set.name.padEnd(18)} ${String(set.mebibytes).padStart(4)} MiB  ${set.about}`);
    output.say('\nTerms and citation of each are shown when it is fetched, and stand in its SOURCE.md.');
    return;
  }
  const wanted = required(name, 'NAME', 'the name of a data set; `npx softprompt data fetch --list` shows them');
  const signal = abortOnInterrupt(() => output.say('Stopping … (Ctrl-C again to leave at once)'));
  try {
    const result = await fetchData(dataSetNamed(wanted), optionsFrom(FETCH, flags), {
      signal,
      onNote: output.note,
      onProgress: (bytes, totalBytes) => {
        output.event({ event: 'download', bytes, totalBytes });
        output.progress(`downloading ${wanted}`, Math.ceil(bytes / MIB), Math.ceil(totalBytes / MIB), 'MiB');
      },
    });
    output.result(result);
    for (const { path, rows, columns } of result.files) {
      output.say(`Wrote   ${path}: ${rows} rows of ${columns.join(', ')}`);
    }
    output.say(`\nTerms   ${result.terms}\nCite    ${result.citation}\n\nTry:\n  ${result.next}`);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    output.result({ ended: 'interrupted', name: wanted });
    output.say('Interrupted; what has come is kept: the same command goes on.');
    process.exitCode = 130;
  }
}
