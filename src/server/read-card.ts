import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * The card of a prompt's or recommender's folder, where it has one. Answers tell no place of this machine: of paths among
 * what it names the last two parts are left.
 * @param named models that the card may name
 */
export async function readCard(folder: string, named: readonly (string | undefined)[]): Promise<string> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const places = [folder, resolve(folder), ...named].filter((place) => place !== undefined && /[\\/]/.test(place));
  return places.reduce<string>((text, place) => text.replaceAll(place!, shortName(place!)), card);
}

export const shortName = (source: string): string => source.split(/[\\/]/).slice(-2).join('/');
