import { isAbsolute, relative, resolve } from 'node:path';

/** A path that was given in the folder `cwd`, as it is seen from this one. */
export function pathFromHere(path: string, cwd: string): string {
  return isAbsolute(path) || cwd === process.cwd() ? path : relative(process.cwd(), resolve(cwd, path));
}
