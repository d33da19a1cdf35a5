import { type Dirent, existsSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { isModelGguf } from './hub-id.js';

/** What is said of a path that holds no model, or not a whole one. */
export function incomplete(
  found: string,
  fix = 'If the model lies elsewhere, give its path; else download what is missing, or save the model again with save_pretrained (transformers).',
): SoftpromptError {
  return new SoftpromptError('MODEL_FOLDER_INCOMPLETE', {
    found,
    expected:
      'a folder with config.json, tokenizer.json and model.safetensors or pytorch_model.bin (or their shards and index), a folder with one .gguf file, or a .gguf file',
    fix,
  });
}

const CONVERT =
  "Save the model anew in Python: AutoModelForCausalLM.from_pretrained('FOLDER').save_pretrained('FOLDER', safe_serialization=True).";

/** A file of a model folder that is missing. */
export function lacksFile(path: string): SoftpromptError {
  const folder = dirname(path);
  const slow = ['tokenizer.model', 'vocab.json', 'spiece.model'].find((name) => existsSync(join(folder, name)));
  if (basename(path) !== 'tokenizer.json' || slow === undefined) return incomplete(`The file ${path} is missing`);
  return incomplete(
    `The file ${path} is missing; the folder has ${slow} instead`,
    `Make it in Python: AutoTokenizer.from_pretrained('${folder}').save_pretrained('${folder}').`,
  );
}

/** The language model among the GGUF files of a folder. Errors: MODEL_FOLDER_INCOMPLETE without one, or with several. */
export async function onlyGguf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw incomplete(`The folder ${folder} cannot be read: ${error instanceof Error ? error.message : error}`);
  });
  const all = entries.map(({ name }) => name).filter((name) => name.endsWith('.gguf'));
  const models = all.filter(isModelGguf);
  if (models.length === 1) return join(folder, models[0]!);
  if (models.length === 0) throw await otherFolder(folder, entries, all);
  const parts = models.filter((name) => /-\d{5}-of-\d{5}\.gguf$/.test(name));
  throw incomplete(
    `The folder ${folder} has ${models.length} GGUF files: ${models.sort().join(', ')}`,
    parts.length === models.length
      ? `They are the parts of one model: make one file of them with llama-gguf-split --merge ${join(folder, parts[0]!)} model.gguf, and name that.`
      : `Name the file, for instance ${join(folder, models[0]!)}.`,
  );
}

/** What else a folder without weights is. */
async function otherFolder(folder: string, entries: readonly Dirent[], ggufs: readonly string[]) {
  const names = entries.map(({ name }) => name);
  const has = (name: string) => names.includes(name);
  if (has('adapter_config.json')) {
    return incomplete(
      `The folder ${folder} holds an adapter (adapter_config.json), not a model`,
      has('softprompt.json')
        ? 'Give the frozen model that the prompt was learned for; the prompt itself is what predict, evaluate and inspect are given.'
        : 'Give the model that the adapter belongs to, or merge the two (merge_and_unload in PEFT) and save the result.',
    );
  }
  const other = names.find((name) => PICKLED.test(name));
  if (other !== undefined)
    return incomplete(`The folder ${folder} has its weights in ${other} only`, CONVERT.replaceAll('FOLDER', folder));
  const shard = names.find((name) => name.endsWith('.safetensors'));
  if (shard !== undefined) {
    return incomplete(
      `The folder ${folder} has ${shard}, but neither model.safetensors nor model.safetensors.index.json`,
      'If it is the whole model, rename it to model.safetensors; if it is a shard, download the index and the other shards.',
    );
  }
  if (ggufs.length > 0) {
    return incomplete(
      `The folder ${folder} has ${ggufs.join(', ')}, which ${ggufs.length === 1 ? 'is no language model' : 'are no language models'} by name`,
      `Put the model's .gguf file there, or name the file if it is one: ${join(folder, ggufs[0]!)}.`,
    );
  }
  const inner = [];
  for (const entry of entries) {
    if (entry.isDirectory() && existsSync(join(folder, entry.name, 'config.json')))
      inner.push(join(folder, entry.name));
  }
  return incomplete(
    `The folder ${folder} has no weights in a format that softprompt reads`,
    inner.length === 0 ? undefined : `Did you mean ${inner.slice(0, 5).join(' or ')}?`,
  );
}

const PICKLED = /\.(bin|pt|pth|ckpt|h5|msgpack|pkl)$/;
const LONGEST_POINTER = 1024;

/** Refuses a file that is named as a model and is none, with what to name in its place. Errors: MODEL_FOLDER_INCOMPLETE. */
export async function refuseOtherFile(path: string): Promise<void> {
  const start = await beginning(path);
  if (start.startsWith('GGUF')) return;
  await refuseStart(path, start);
  const [name, folder] = [basename(path), dirname(path)];
  if (/\.safetensors$|\.index\.json$|^pytorch_model.*\.bin$/.test(name)) {
    throw incomplete(
      `${path} is ${name.endsWith('json') ? 'the index' : 'a file'} of a model's weights, without its settings and tokenizer`,
      `Give the folder that holds it: ${folder}`,
    );
  }
  if (extname(name) === '.json')
    throw incomplete(`${path} is one file of a model`, `Give the folder that holds it: ${folder}`);
  if (PICKLED.test(name) || start.startsWith('PK')) {
    throw incomplete(`${path} is a file of PyTorch or another library`, CONVERT.replaceAll('FOLDER', folder));
  }
}

/** Refuses weights that were never downloaded: Git's pointer or a web page in place of the file. */
export async function refuseUnfetched(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.(safetensors|bin)$/.test(name)) continue;
    const path = join(folder, name);
    await refuseStart(path, await beginning(path));
  }
}

async function refuseStart(path: string, start: string): Promise<void> {
  if (start.startsWith('version https://git-lfs') && (await stat(path)).size <= LONGEST_POINTER) {
    throw incomplete(
      `${path} is Git LFS's pointer to the file, not the file itself`,
      'Fetch it: git lfs install, then git lfs pull in the repository. Or give the id of the model on the hub.',
    );
  }
  if (/^\s*<(!doctype|html)/i.test(start)) {
    throw incomplete(
      `${path} is a web page that was saved in place of the file`,
      'Download the file itself (on the hub: the download button, or /resolve/ in place of /blob/ in the address).',
    );
  }
}

/** The first bytes of a file, a character each; none of one that cannot be read. */
async function beginning(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
