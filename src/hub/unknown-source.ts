import { homedir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { nearestName, nearestPath } from '../files/nearest-path.js';
import { EMBEDDED_MODEL, EMBEDDED_MODEL_PATH } from './embedded-model.js';
import { parseHubId } from './hub-id.js';

/** What a name of a model that is neither a path that exists nor, as far as is known, a hub id was probably meant to be. */
function meantSource(source: string): string | undefined {
  if (resemblesEmbedded(source)) return EMBEDDED_MODEL;
  const path = nearestPath(source);
  if (path !== undefined) return path;
  const id = writtenHubId(source);
  return id !== undefined && id !== source && parseHubId(id) !== undefined ? id : undefined;
}

/** Whether the embedded model was probably meant: a hub has no such names without an organisation. */
export function resemblesEmbedded(source: string): boolean {
  const name = source.trim();
  if (source === EMBEDDED_MODEL || /[\\/:@]/.test(name)) return false;
  const known = [EMBEDDED_MODEL, basename(EMBEDDED_MODEL_PATH)];
  return /^embed/i.test(name) || nearestName(name, known) !== undefined;
}

/** The hub id in an address, or in another tool's way of writing one. */
function writtenHubId(source: string): string | undefined {
  const [, page, rest] =
    /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)\/([^/]+\/[^/?#:]+)(.*)$/i.exec(
      source.trim(),
    ) ?? [];
  if (page !== undefined) {
    const [, revision, file] = /^\/(?:tree|blob|resolve)\/([^/?#]+)(?:\/([^?#]+\.gguf))?/.exec(rest ?? '') ?? [];
    return page + (revision === undefined || revision === 'main' ? '' : `@${revision}`) + (file ? `:${file}` : '');
  }
  const scheme = /^(?:hf|huggingface|hub):(?:\/\/)?(.+)$/i.exec(source)?.[1];
  if (scheme !== undefined) return scheme;
  const inFolder = /^([^/]+\/[^/]+)\/(.+\.gguf)$/.exec(source);
  if (inFolder) return `${inFolder[1]}:${inFolder[2]}`;
  return source.trim().replace(/\/+$/, '');
}

const EXPECTED =
  'a folder, a .gguf file, or a hub id such as HuggingFaceTB/SmolLM2-135M-Instruct, with @revision and :file.gguf if need be';

/** The error for a source that is none. @param why the hub's answer, where it was asked */
export function unknownSource(found: string, source: string, cause?: SoftpromptError): SoftpromptError {
  const meant = meantSource(source);
  const quantisation = /^[^:]+\/[^:]+:[^./]+$/.test(source);
  let fix = 'Check the spelling; a path is relative to the folder that softprompt was started in.';
  if (meant !== undefined) fix = `Did you mean ${meant}?`;
  else if (quantisation) {
    fix = `After the colon the name of the file stands, such as ${source.split(':')[0]}:model-Q4_K_M.gguf.`;
  } else if (sep === '/' && source.includes('\\')) {
    fix =
      'That is a path of Windows: on this system / stands between folders, and drives have other names (C: is /mnt/c in WSL).';
  } else if (source.startsWith('~')) {
    fix = `The shell makes a folder of ~ only where it is not quoted: write ${join(homedir(), source.slice(1))}.`;
  }
  return new SoftpromptError(
    'MODEL_SOURCE_UNKNOWN',
    { found: cause === undefined ? found : `${found}. ${cause.facts.found}`, expected: EXPECTED, fix },
    { cause },
  );
}
