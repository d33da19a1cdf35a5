import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, parse, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The one of `names` that was probably meant: the same but for case, else at most a letter in three apart. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const wanted = name.normalize('NFC').toLowerCase();
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of names) {
    const known = candidate.normalize('NFC').toLowerCase();
    const most = Math.min(3, Math.floor(Math.max(wanted.length, known.length) / 3));
    if (Math.abs(known.length - wanted.length) > most) continue;
    const distance = editDistance(wanted, known);
    if (distance <= most && (nearest === undefined || distance < nearest.distance))
      nearest = { name: candidate, distance };
  }
  return nearest?.name;
}

/**
 * The path that is there and that was probably meant by one that is not: another case, a misspelt name, backslashes, a tilde
 * or an address of a file.
 */
export function nearestPath(path: string): string | undefined {
  for (const spelling of spellings(path)) {
    if (spelling !== path && existsSync(spelling)) return spelling;
    const near = nearestBelow(spelling);
    if (near !== undefined) return near;
  }
  return undefined;
}

/** The path as it is, then as it would be written on this system. */
function spellings(path: string): string[] {
  const all = [path, path.trim()];
  if (/^file:\/\//i.test(path) && URL.canParse(path)) {
    try {
      all.push(fileURLToPath(path));
    } catch {
      // an address of another machine
    }
  }
  if (/^~[\\/]/.test(path)) all.push(join(homedir(), path.slice(2)));
  if (sep === '/' && path.includes('\\')) {
    const slashes = path.replaceAll('\\', '/');
    const [, drive, rest] = /^([a-z]):\/(.*)$/i.exec(slashes) ?? [];
    all.push(slashes, ...(drive === undefined ? [] : [`/mnt/${drive.toLowerCase()}/${rest}`]));
  }
  return [...new Set(all)].filter((spelling) => spelling !== '');
}

/** Goes down the path, and takes the nearest name where there is none of that name. */
function nearestBelow(path: string): string | undefined {
  if (existsSync(path)) return path;
  const [folder, name] = [dirname(path), basename(path)];
  if (name === '' || path === parse(path).root) return undefined;
  const parent = folder === path ? undefined : nearestBelow(folder);
  const found = parent === undefined ? undefined : nearestName(name, namesIn(parent));
  if (found === undefined) return undefined;
  return folder === '.' && !path.startsWith('.') ? found : join(parent!, found);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Letters to insert, leave out, replace, or exchange with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
