import { join } from 'node:path';
import { writeTable } from '../writing/write-table.js';
import type { Simulation } from './simulate-readers.js';

/**
 * Writes `interactions.csv` (reader_id, book_id, time in seconds since 1970; all readers together in the order of time)
 * and `readers.csv` (reader_id, age_group, language) into a folder, which is made where it is missing.
 * @returns the paths of the two files
 * @throws DATA_UNWRITABLE
 */
export async function writeSimulation(
  folder: string,
  { readers, interactions }: Simulation,
): Promise<{ interactions: string; readers: string }> {
  const paths = { interactions: join(folder, 'interactions.csv'), readers: join(folder, 'readers.csv') };
  await writeTable(
    paths.interactions,
    'csv',
    [
      { name: 'reader_id', type: 'id' },
      { name: 'book_id', type: 'id' },
      { name: 'time', type: 'number' },
    ],
    [...interactions].sort((a, b) => a.time - b.time).map(({ readerId, bookId, time }) => [readerId, bookId, time]),
  );
  await writeTable(
    paths.readers,
    'csv',
    [
      { name: 'reader_id', type: 'id' },
      { name: 'age_group', type: 'text' },
      { name: 'language', type: 'text' },
    ],
    readers.map(({ readerId, ageGroup, language }) => [readerId, ageGroup, language]),
  );
  return paths;
}
