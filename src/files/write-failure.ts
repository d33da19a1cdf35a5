/** What a failure to write means to the user. */
export interface WriteFailure {
  /** What would be there if it had not failed. */
  readonly expected: string;
  readonly fix: string;
}

const NO_SPACE = ['free space on the disk', 'Free some space, or choose'] as const;
const NO_PERMISSION = ['permission to write there', 'Change the permissions or the owner, or choose'] as const;
const FILE_IN_PATH = [
  'a path whose parts are folders: one of them is a file',
  'Rename or move that file, or choose',
] as const;
const TOO_MANY_OPEN = [
  'fewer open files than the system allows',
  'Close other programs or raise the limit (ulimit -n), or choose',
] as const;
const NO_SUCH_PLACE = [
  'a path that the system can make: a link may lead nowhere, or a drive is missing',
  'Check the path, or choose',
] as const;

/** By the system's code: what is expected, and how the remedy begins that ends with another place. */
const FAILURES: Readonly<Record<string, readonly [expected: string, fix: string]>> = {
  ENOSPC: NO_SPACE,
  EDQUOT: ['free space in the quota of the user', 'Remove something, ask for a larger quota, or choose'],
  EFBIG: [
    'files as large as this one to be allowed, by the file system and by the limit of the process (ulimit -f)',
    'Raise the limit, or choose',
  ],
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: ['a file system that can be written: this one is read-only', 'Mount it for writing, or choose'],
  ENOTDIR: FILE_IN_PATH,
  EEXIST: FILE_IN_PATH,
  EISDIR: ['a file, or nothing yet: there is a folder of this name', 'Rename or move that folder, or choose'],
  ENOTEMPTY: ['a file, or nothing yet: there is a folder of this name', 'Rename or move that folder, or choose'],
  ENAMETOOLONG: ['shorter names: most systems take 255 bytes a name', 'Shorten the name or the path: choose'],
  EINVAL: ['a name that the file system takes', 'Leave out unusual characters, or choose'],
  ELOOP: ['links that lead somewhere: these lead in a circle', 'Mend the links, or choose'],
  ENOENT: NO_SUCH_PLACE,
  ENXIO: NO_SUCH_PLACE,
  ENODEV: NO_SUCH_PLACE,
  EBUSY: ['a file that no other program holds', 'Close the program that has it open, or choose'],
  ETXTBSY: ['a file that no other program holds', 'Close the program that has it open, or choose'],
  EMFILE: TOO_MANY_OPEN,
  ENFILE: TOO_MANY_OPEN,
  EIO: ['a disk without faults: the device reports an error', 'Check the disk, or choose'],
};

/** How libraries that hide the code word it. */
const WORDINGS: readonly [RegExp, string][] = [
  [/no space left|disk full|not enough space/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/permission denied|access is denied/i, 'EACCES'],
  [/operation not permitted/i, 'EPERM'],
  [/read-only file ?system/i, 'EROFS'],
  [/not a directory/i, 'ENOTDIR'],
  [/is a directory/i, 'EISDIR'],
  [/file ?name too long/i, 'ENAMETOOLONG'],
  [/no such file or directory/i, 'ENOENT'],
  [/too many open files/i, 'EMFILE'],
  [/input\/output error/i, 'EIO'],
];

/**
 * What a failure of the file system means; undefined for any other error.
 * @param elsewhere what another place is: `another folder`, `another file with --out`
 */
export function writeFailure(error: unknown, elsewhere = 'another folder'): WriteFailure | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const [expected, fix] = FAILURES[code] ?? ['a place that can be written', 'Check the place, or choose'];
  return { expected, fix: `${fix} ${elsewhere}.` };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code;
  return WORDINGS.find(([wording]) => wording.test(error.message))?.[1];
}
