import { relative } from 'node:path';

/** How many of the slowest files are named. */
const SLOWEST = 12;

/** A reporter for Node's test runner: at the end the slowest files, and in one line what passed and what failed. */
export default async function* countReporter(events) {
  const counts = new Map();
  const seconds = new Map();
  for await (const { type, data } of events) {
    const ended = type === 'test:pass' || type === 'test:fail';
    if (ended && data.nesting === 0 && data.file !== undefined) {
      seconds.set(data.file, (seconds.get(data.file) ?? 0) + data.details.duration_ms / 1000);
    }
    if (type !== 'test:diagnostic') continue;
    const [, name, count] = /^(pass|fail|cancelled|skipped) (\d+)$/.exec(data.message) ?? [];
    if (name !== undefined) counts.set(name, Number(count));
  }
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  for (const [file, took] of slowest) yield `${took.toFixed(0).padStart(5)} s  ${relative('dist', file)}\n`;
  const failed = (counts.get('fail') ?? 0) + (counts.get('cancelled') ?? 0);
  yield `${counts.get('pass') ?? 0} passed, ${failed} failed, ${counts.get('skipped') ?? 0} skipped\n`;
}
