import type { Command } from 'commander';
import { encoderNotes } from '../pipeline/recommend/load-recommender.js';
import { type OpenRecommender, openRecommender } from '../pipeline/recommend/open-recommender.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import type { Output } from './output.js';

/** Where the frozen model of a recommender's encoder lies now. */
export interface EncoderModelFlag {
  readonly encoderModel?: string;
}

export function addEncoderModelFlag(command: Command): Command {
  return command.option('--encoder-model <model>', "another place of the frozen encoder's model (default: as fitted)");
}

/** Opens the recommender that a command is about. */
export async function openWithFlags(
  folder: string,
  flags: SharedFlags & EncoderModelFlag,
  output: Output,
): Promise<OpenRecommender> {
  const { threads, ...loading } = modelOptions(flags);
  const open = await openRecommender(folder, {
    threads,
    ...loading,
    ...loadingProgress(loading, output),
    encoderModel: flags.encoderModel,
  });
  for (const note of encoderNotes(open)) output.note(note);
  return open;
}
