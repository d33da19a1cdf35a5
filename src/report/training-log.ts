import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EventFile } from './event-file.js';

const FOLDER = 'tensorboard';
/** Of these events every number is a scalar, under the name of the event. */
const LOGGED: ReadonlySet<string> = new Set(['step', 'validation', 'epoch', 'reading-epoch', 'refit']);
/** Numbers that say where a training is, not how good. */
const PLACES: ReadonlySet<string> = new Set(['step', 'steps', 'epochs', 'seed', 'secondsLeft']);

/**
 * Writes what a training tells to event files in its folder: a run of TensorBoard's a seed or network. A job that is gone
 * on with gets another file beside the first, which TensorBoard reads as one.
 */
export function tensorboardLog(folder: string): (event: object) => void {
  const path = join(folder, FOLDER);
  const goesOn = existsSync(join(folder, 'training'));
  const runs = new Map<string, EventFile>();
  return (event) => {
    const { event: kind, seed, network, weighing, ...told } = event as Record<string, unknown>;
    if (typeof kind !== 'string' || !LOGGED.has(kind)) return;
    if (runs.size === 0 && !goesOn) rmSync(path, { recursive: true, force: true });
    const run =
      kind === 'refit' || kind === 'reading-epoch'
        ? kind
        : String(network ?? `seed-${seed ?? 0}${weighing ? `-${weighing}` : ''}`);
    const file = runs.get(run) ?? new EventFile(join(path, run.replace(/[^\w-]+/g, '-')));
    runs.set(run, file);
    const step = Number(told.step ?? told.epoch);
    file.append(step, scalarsOf(kind, told));
  };
}

function scalarsOf(kind: string, told: Readonly<Record<string, unknown>>): Record<string, number> {
  const numbers = Object.entries(told).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !PLACES.has(entry[0]),
  );
  return Object.fromEntries(
    numbers.filter(([name]) => name !== 'epoch' || 'step' in told).map(([name, value]) => [`${kind}/${name}`, value]),
  );
}
