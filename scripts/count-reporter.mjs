/** A reporter for Node's test runner: one line at the end, what passed and what failed. */
export default async function* countReporter(events) {
  const counts = new Map();
  for await (const { type, data } of events) {
    if (type !== 'test:diagnostic') continue;
    const [, name, count] = /^(pass|fail|cancelled|skipped) (\d+)$/.exec(data.message) ?? [];
    if (name !== undefined) counts.set(name, Number(count));
  }
  const failed = (counts.get('fail') ?? 0) + (counts.get('cancelled') ?? 0);
  yield `${counts.get('pass') ?? 0} passed, ${failed} failed, ${counts.get('skipped') ?? 0} skipped\n`;
}
