/** The contract of jobs that are made of many small parts: search, design, shorten, compare, transfer. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { jobIn, readJob } from '../../src/job-kinds.js';
import { optionsFromJson, optionsToJson } from '../../src/jobs/options-json.js';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';
import { FOUND_KINDS, type FoundKind, makeFoundWorld } from './found-kinds.js';
import { interruptedAt, type RunEvent } from './runs.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-found-'));
after(() => rmSync(scratch, { recursive: true }));
const world = join(scratch, 'world');
before(() => makeFoundWorld(world));

/** An interrupted job of the kind, in a copy of its own; made once. */
const halves = new Map<string, string>();
async function half(kind: FoundKind, name: string): Promise<string> {
  const made = halves.get(kind.name) ?? join(scratch, `${kind.name}-half`);
  if (!halves.has(kind.name)) {
    let stopped = false;
    const first = (event: RunEvent) => {
      if (stopped || !kind.halfway(event)) return false;
      stopped = true;
      return true;
    };
    const { ended } = await interruptedAt((hooks) => kind.start(world, made, {}, hooks), first);
    assert.equal(ended, 'interrupted');
    halves.set(kind.name, made);
  }
  const out = join(scratch, `${kind.name}-${name}`);
  cpSync(made, out, { recursive: true });
  return out;
}

const wholes = new Map<string, Promise<unknown>>();
/** What an uninterrupted job of the kind makes. */
function whole(kind: FoundKind): Promise<unknown> {
  const run = async () => {
    const out = join(scratch, `${kind.name}-whole`);
    assert.equal((await kind.start(world, out)).ended, 'finished');
    return kind.result(out);
  };
  const known = wholes.get(kind.name) ?? run();
  wholes.set(kind.name, known);
  return known;
}

const leftBehind = (out: string) => readdirSync(out).filter((name) => name.startsWith('.') || name === 'training');
const all = (out: string) =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name).slice(out.length), readFileSync(join(parentPath, name))]);

for (const kind of FOUND_KINDS) {
  const { name } = kind;

  test(`${name}: interrupted halfway, it goes on to the same, by resume and by the same call; nothing is done twice`, async () => {
    const out = await half(kind, 'resumed');
    const log = readFileSync(join(out, 'training', 'events.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const told = log.map((line) => JSON.parse(line) as RunEvent);
    const facts = ({ event, time: _, ...rest }: RunEvent) => JSON.stringify([event, rest]);
    const done = new Set(told.filter(({ event }) => event === kind.part).map(facts));
    if (kind.part !== undefined) assert.ok(done.size > 0);
    const again: RunEvent[] = [];
    const result = await kind.resume(out, { onEvent: (event) => again.push(event) });
    assert.deepEqual([result.ended, result.out], ['finished', out]);
    assert.deepEqual(kind.result(out), await whole(kind));
    assert.ok(again.every((event) => !done.has(facts(event))));
    assert.deepEqual(leftBehind(out), []);
    await assert.rejects(kind.resume(out), { code: 'RUN_NOT_FOUND' });

    const repeated = await half(kind, 'repeated');
    assert.equal((await kind.start(world, repeated)).ended, 'finished');
    assert.deepEqual(kind.result(repeated), await whole(kind));
  });

  test(`${name}: a job is data: kind, plan, hashes of inputs, shards`, async () => {
    const out = await half(kind, 'data');
    const job = await readJob(out);
    assert.deepEqual([job.kind, await jobIn(out)], [name, name]);
    assert.deepEqual(optionsFromJson(optionsToJson(job), z.looseObject({})).record, job);
    const hashes = Object.values(job.inputs);
    assert.ok(hashes.length > 1 && hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)), JSON.stringify(job.inputs));
  });

  test(`${name}: changed data is refused by name, by resume and by the same call; restored, it goes on`, async () => {
    const out = await half(kind, 'changed');
    const path = join(world, 'train.jsonl');
    const right = readFileSync(path, 'utf8');
    const other = right.replace(/"label":"(.)"/, (_, label) => `"label":"${label === '0' ? 1 : 0}"`);
    assert.notEqual(other, right);
    writeFileSync(path, other);
    try {
      const refused = { code: 'RUN_DATA_CHANGED', message: /\((the set|training data).*--overwrite/s };
      await assert.rejects(kind.resume(out), refused);
      await assert.rejects(kind.start(world, out), refused);
    } finally {
      writeFileSync(path, right);
    }
    await kind.resume(out);
    assert.deepEqual(kind.result(out), await whole(kind));
  });

  test(`${name}: a second process is refused; a new job does not discard an interrupted one unless told to`, async () => {
    const out = join(scratch, `${name}-twice`);
    const refused: Promise<unknown>[] = [];
    await interruptedAt(
      (hooks) => kind.start(world, out, {}, hooks),
      (event) => {
        if (refused.length > 0 || !kind.halfway(event)) return false;
        refused.push(assert.rejects(kind.start(world, out), { code: 'RUN_IN_USE', message: /Wait for it/ }));
        refused.push(assert.rejects(kind.resume(out), { code: 'RUN_IN_USE' }));
        return false;
      },
    );
    await Promise.all(refused);
    assert.equal(refused.length, 2);
    assert.deepEqual(kind.result(out), await whole(kind));

    const kept = await half(kind, 'kept');
    const before = all(kept);
    for (const other of FOUND_KINDS.filter((other) => other !== kind)) {
      await assert.rejects(other.start(world, kept), { code: 'RUN_UNFINISHED' }, other.name);
    }
    assert.deepEqual(all(kept), before);
    await kind.start(world, kept, { overwrite: true });
    assert.deepEqual(kind.result(kept), await whole(kind));
  });

  test(`${name}: what fails before anything was done leaves nothing`, async () => {
    const out = join(scratch, `${name}-failed`, 'deep');
    await assert.rejects(kind.start(join(scratch, 'nowhere'), out));
    assert.ok(!existsSync(join(scratch, `${name}-failed`)));
  });

  test(`${name}: through the command line Ctrl-C and kill -9 lose nothing, and resume goes on`, async () => {
    const out = join(scratch, `${name}-killed`);
    let seen = false;
    const killed = await softprompt([...kind.command(world), '--out', out, '--json'], {
      onLine: (line, child) => {
        if (!seen && kind.halfway(JSON.parse(line) as RunEvent)) seen = child.kill('SIGKILL');
      },
    });
    assert.equal(killed.signal, 'SIGKILL', killed.stderr);
    let stopped = false;
    const interrupted = await softprompt(['resume', out, '--json'], {
      onLine: (line, child) => {
        const { event } = JSON.parse(line) as RunEvent;
        if (!stopped && ['call', 'try', 'step', 'run'].includes(event)) stopped = child.kill('SIGINT');
      },
    });
    assert.equal(interrupted.code, 130, interrupted.stderr);
    assert.equal(jsonEvents(interrupted).at(-1)!.ended, 'interrupted');
    const resumed = await softprompt(['resume', out, '--json']);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(jsonEvents(resumed).at(-1)!.ended, 'finished');
    assert.deepEqual(kind.result(out), await whole(kind));
    assert.deepEqual(leftBehind(out), []);
  });
}
