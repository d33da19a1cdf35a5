import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../errors.js';
import { writeToFolder } from '../files/folder-writing.js';
import { softpromptCommand } from '../shell-command.js';
import { writeTrainingState } from '../training/state-file.js';
import { type NetworkState, readNetworkState } from '../training/train-network.js';
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
  const file = join(folder, 'training', `${name}.safetensors`);
  const saved = existsSync(file) ? await readNetworkState(file) : undefined;
  if (saved !== undefined && saved.context?.basis !== basis) {
    throw new SoftpromptError('RUN_DATA_CHANGED', {
      found: `The model or the data are not those that the fit in ${folder} was started with`,
      expected: 'the same files, unchanged',
      fix: 'Restore the files, or start anew: the command that began it, with --overwrite.',
    });
  }
  const save = (state: NetworkState) =>
    writeToFolder(
      `The state of the fit in ${folder}`,
      () => writeTrainingState(file, state, { basis }),
      `\`${softpromptCommand('resume', folder)}\` goes on from the last state that was saved.`,
    );
  return { state: saved?.state, save };
}

/** A fingerprint of what a network learns from: the split, and what else it is told. */
export function basisOf({ items, train, valid }: InteractionSplits, ...told: readonly (string | undefined)[]): string {
  const hash = createHash('sha256').update(JSON.stringify([items, told.filter((one) => one !== undefined)]));
  for (const part of [train, valid]) for (const codes of [part.offsets, part.items]) hash.update(codes);
  return hash.digest('hex');
}
