import { SoftpromptError } from '../errors.js';
import { loadModel } from '../network/load-model.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { lastOpened } from '../queue/last-opened.js';
import type { AskedOf } from '../queue/work.js';
import { type BuiltNetwork, buildNetwork, type DescribedNetwork } from './described-network.js';
import { sequencesFromBytes } from './sequence-lines.js';

/** What a worker keeps open from one question to the next, which is mostly of the same training. */

const opened = lastOpened(({ network }: BuiltNetwork) => network.release());
/** Sequences by their hash; those of cross-validation are several. */
const data = new Map<string, Promise<readonly PromptSequence[]>>();
const MOST_DATA = 12;

/** The network that a question is about. @throws QUEUE_CONTENT_DAMAGED where this machine has other weights */
export async function workerNetwork(
  { inputs, threads, here, cacheFolder }: Pick<AskedOf, 'inputs' | 'threads' | 'here' | 'cacheFolder'>,
  model: string,
  described: DescribedNetwork,
): Promise<BuiltNetwork> {
  return opened([inputs, described, threads], async () => {
    const { checkpoint } = await loadModel(await here(model), { cacheFolder });
    if (checkpoint.hash !== inputs.model) throw otherModel(model);
    return buildNetwork(checkpoint, described, { threads });
  });
}

/** Sequences that a client kept. */
export function workerSequences(hash: string, { content }: Pick<AskedOf, 'content'>) {
  const known = data.get(hash);
  if (known !== undefined) return known;
  const read = content(hash).then(sequencesFromBytes);
  read.catch(() => data.delete(hash));
  if (data.size >= MOST_DATA) data.delete([...data.keys()][0]!);
  data.set(hash, read);
  return read;
}

/** Float32 numbers, from bytes that may lie anywhere in a larger buffer. */
export const floatsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array =>
  new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);

const otherModel = (model: string): SoftpromptError =>
  new SoftpromptError('QUEUE_CONTENT_DAMAGED', {
    found: `The model ${model} has other weights on the worker's machine than where the job comes from`,
    expected: 'the same model everywhere',
    fix: "Delete it from the worker's cache, or name a folder (--model FOLDER), which travels.",
  });
