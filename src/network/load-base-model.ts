import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import type { BaseModel } from '../hub/base-model.js';
import { type HubOrigin, locateAnyCached, locateModel } from '../hub/hub.js';
import { pinnedId } from '../hub/hub-cache.js';
import { currentRuntime } from '../runtime/load-runtime.js';
import { type FrozenModel, type LoadModelOptions, loadLocated, loadModel } from './load-model.js';

/**
 * Loads the model that something was learned for. Of one from a hub the commit that it was then; only where no hub can
 * be asked another one of the cache, with a note. A local one may lie elsewhere by now.
 * @param flag what names another place of it
 */
export async function loadBaseModel(
  { source, hub }: Pick<BaseModel, 'source' | 'hub'>,
  options: LoadModelOptions,
  flag = '--model',
): Promise<FrozenModel> {
  const pinned =
    hub !== undefined && options.hub?.revision === undefined && !(isAbsolute(source) && existsSync(source));
  try {
    return await (pinned ? loadCommit(source, hub, options) : loadModel(source, options));
  } catch (error) {
    if (!(error instanceof SoftpromptError) || (existsSync(source) && !pinned)) throw error;
    const { found, expected, fix } = error.facts;
    const what = pinned ? pinnedId(hub) : `'${source}', which is no file or folder here`;
    throw new SoftpromptError(
      error.code,
      {
        found: `It was learned for the model ${what}. ${found}`,
        expected,
        fix: `If the model lies elsewhere, say where (${flag}). ${fix}`,
      },
      { cause: error },
    );
  }
}

/** What is said where no hub can be asked for a commit. */
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set(['HUB_OFFLINE', 'HUB_UNREACHABLE', 'HUB_ANSWER_INVALID']);

async function loadCommit(source: string, hub: HubOrigin, options: LoadModelOptions): Promise<FrozenModel> {
  await currentRuntime(); // rather missing now than after a download
  try {
    return await loadLocated(source, await locateModel(pinnedId(hub), options.hub), options);
  } catch (error) {
    if (!(error instanceof SoftpromptError) || !NO_ANSWER.has(error.code)) throw error;
    const other = await locateAnyCached(hub, options.hub);
    if (other === undefined) throw error;
    const model = await loadLocated(source, other, options);
    const note =
      `the commit ${hub.commit.slice(0, 12)} of ${hub.repository}, which this was learned with, is not on this machine and ` +
      `the hub cannot be asked for it: the commit ${other.origin!.commit.slice(0, 12)} is used in its place`;
    return { ...model, note };
  }
}
