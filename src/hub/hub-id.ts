/** A model on a hub, as users write it: `HuggingFaceTB/SmolLM2-135M-Instruct`, `…@revision`, `…@revision:file.gguf`. */
export interface HubId {
  /** `organisation/name`, or `name` alone. */
  readonly repository: string;
  /** A branch, tag or commit. */
  readonly revision: string | undefined;
  /** One GGUF file of the repository. */
  readonly file: string | undefined;
}

const ID = /^(?<repository>(?:[\w.-]{1,96}\/)?[\w.-]{1,96})(?:@(?<revision>[^@:]+))?(?::(?<file>.+))?$/;

/** Takes a hub id apart; undefined where the text cannot be one (by huggingface_hub's rules for names). */
export function parseHubId(text: string): HubId | undefined {
  const { repository, revision, file } = ID.exec(text)?.groups ?? {};
  if (repository === undefined || !isRepositoryName(repository)) return undefined;
  if (revision !== undefined && !isRevision(revision)) return undefined;
  if (file !== undefined && !isGgufPath(file)) return undefined;
  return { repository, revision, file };
}

/** A branch, tag or commit, safe as a relative path in the cache. */
export function isRevision(text: string): boolean {
  return /^[\w.\-/+]+$/.test(text) && isRelativePath(text);
}

/** A GGUF file of a repository. */
export function isGgufPath(text: string): boolean {
  return text.endsWith('.gguf') && isRelativePath(text);
}

/** Whether a GGUF file can be a language model by its name: projectors and importance matrices lie beside models. */
export function isModelGguf(path: string): boolean {
  return path.endsWith('.gguf') && !/mmproj|imatrix/i.test(path.split(/[\\/]/).at(-1)!);
}

/** A path that stays inside its folder, on every operating system. */
export function isRelativePath(text: string): boolean {
  const control = [...text].some((character) => character < ' ');
  return !control && !/[\\:]/.test(text) && text.split('/').every((part) => !['', '.', '..'].includes(part));
}

function isRepositoryName(text: string): boolean {
  const parts = text.split('/');
  return (
    !/--|\.\./.test(text) && !/\.(git|gguf|safetensors)$/.test(text) && parts.every((part) => /^\w(.*\w)?$/.test(part))
  );
}
