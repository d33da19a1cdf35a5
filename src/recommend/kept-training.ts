import { createHash } from 'node:crypto';
import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import type { Part } from '../jobs/parts.js';
import { writeTrainingState } from '../training/state-file.js';
import { type NetworkState, readNetworkState } from '../training/train-network.js';
import { fitJobFolder } from './fit-job.js';
import type { SasRecFit } from './sequential/fit-sasrec.js';

/**
 * Where a network's training is kept in a recommender's folder, and goes on from.
 * @param basis what it must be continued with: see `basisOf`
 * @throws STATE_UNREADABLE, RUN_DATA_CHANGED; `save` throws PROMPT_FOLDER_UNWRITABLE
 */
export async function keptTraining(
  folder: string,
  name: string,
  basis: string,
): Promise<Required<Pick<SasRecFit, 'state' | 'save'>>> {
  const format = { read: readNetworkState, write: writeTrainingState };
  const job = fitJobFolder(folder);
  const { read, write } = job.shard<NetworkState>(name, format, basis);
  const save = async (state: NetworkState) => {
    await write(state);
    await job.writeHistory('network', name, state.history);
  };
  const state = await read();
  if (state) await job.writeHistory('network', name, state.history); // of one that was trained elsewhere
  return { state, save };
}

/** A network, as a part of a fit. */
export const networkPart = (name: string): Part => ({
  name,
  makes: [`training/${name}.safetensors`],
  needs: [`training/${name}.safetensors`, 'training/reading.safetensors'],
});

/** A fingerprint of what a network learns from: the split, and what else it is told. */
export function basisOf({ items, train, valid }: InteractionSplits, ...told: readonly (string | undefined)[]): string {
  const hash = createHash('sha256').update(JSON.stringify([items, told.filter((one) => one !== undefined)]));
  for (const part of [train, valid]) for (const codes of [part.offsets, part.items]) hash.update(codes);
  return hash.digest('hex');
}
