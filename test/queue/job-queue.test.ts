import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { SoftpromptError } from '../../src/errors.js';
import { openQueue, openWorker } from '../../src/queue/bull.js';
import type { JobQueue, QueuedJob, QueueWorker, TakenJob } from '../../src/queue/job-queue.js';
import { QUEUES } from './queue-world.js';

/** What any server of queues must do. */
for (const [name, url = '', skip] of QUEUES) {
  describe(`a queue on ${name}`, { skip: url === '' && skip }, () => {
    const open: { close(): Promise<void> }[] = [];
    after(async () => {
      for (const one of open.reverse()) await one.close();
    });
    let number = 0;
    const own = (text: string) => `${text}-${process.pid}-${Date.now()}-${number++}`;
    const connect = async (): Promise<JobQueue> => {
      const queue = await openQueue(url);
      open.push(queue);
      return queue;
    };
    const work = async (doJob: (job: TakenJob) => Promise<unknown>, worker = own('worker')): Promise<QueueWorker> => {
      const made = await openWorker(url, { name: worker, lease: 2, doJob, onProblem: () => {} });
      return made;
    };
    const job = (id: string, data: unknown = {}, priority = 0) => ({ id, title: 'test', data, priority });
    const ends = async (queue: JobQueue, id: string): Promise<QueuedJob> => {
      for (;;) {
        const now = await queue.read(id);
        if (now?.state === 'completed' || now?.state === 'dead') return now;
        await later(50);
      }
    };

    test('the same job is done once, however often it is given, and others are told', async () => {
      const queue = await connect();
      const told: string[] = [];
      await queue.watch((id) => told.push(id));
      const id = own('same');
      let done = 0;
      const worker = await work(async ({ data }) => {
        done += 1;
        return { twice: 2 * (data as { x: number }).x };
      });
      await Promise.all([queue.add([job(id, { x: 21 })]), queue.add([job(id, { x: 21 })])]);
      assert.deepEqual((await ends(queue, id)).result, { twice: 42 });
      await queue.add([job(id, { x: 21 })]);
      await later(100);
      assert.equal(done, 1);
      assert.ok(told.includes(id));
      await queue.add([job(id, { x: 21 })], true);
      await ends(queue, id);
      assert.equal(done, 2, 'once more where it is asked for anew');
      await worker.close();
    });

    test('what a job carries comes as it was given, the order of its keys too', async () => {
      const queue = await connect();
      const id = own('labels');
      const carried: string[] = [];
      const worker = await work(async ({ data }) => carried.push(JSON.stringify(data)));
      const labels = { zebra: 1, ox: { later: 2, b: null } };
      await queue.add([job(id, labels)]);
      assert.equal(JSON.stringify((await ends(queue, id)).data), JSON.stringify(labels));
      assert.deepEqual(carried, [JSON.stringify(labels)]);
      await worker.close();
    });

    test('light jobs are asked for together and answered, once each, and forgotten', async () => {
      const queue = await connect();
      const ids = Array.from({ length: 5 }, () => own('light'));
      const done: string[] = [];
      const worker = await work(async ({ id, data, light }) => {
        done.push(id);
        return { half: (data as { x: number }).x / 2, light };
      });
      await queue.ask(ids.map((id, x) => job(id, { x })));
      await queue.ask(ids.map((id, x) => job(id, { x })));
      for (const [x, id] of ids.entries()) {
        const ended = await ends(queue, id);
        assert.deepEqual(
          [ended.result, await queue.answer(id)],
          [
            { half: x / 2, light: true },
            { half: x / 2, light: true },
          ],
        );
      }
      assert.deepEqual(done.toSorted(), ids.toSorted());
      await queue.forget(ids);
      for (const id of ids) assert.deepEqual([await queue.read(id), await queue.answer(id)], [undefined, undefined]);
      await worker.close();
    });

    test('higher priorities come first', async () => {
      const queue = await connect();
      const ids = [own('low'), own('high'), own('middle')];
      await queue.add([job(ids[0]!, {}, 0), job(ids[1]!, {}, 10), job(ids[2]!, {}, 5)]);
      const order: string[] = [];
      const worker = await work(async ({ id }) => order.push(id));
      for (const id of ids) await ends(queue, id);
      assert.deepEqual(order, [ids[1], ids[2], ids[0]]);
      await worker.close();
    });

    test('a failed try is made again, later; what cannot be helped is given up with its reason, and begins again on demand', async () => {
      const queue = await connect();
      const [shaky, wrong] = [own('shaky'), own('wrong')];
      let tries = 0;
      const mistake = new SoftpromptError('DATA_EMPTY', { found: 'No row', expected: 'one', fix: 'Add one.' });
      const worker = await work(async ({ id }) => {
        if (id === wrong) throw mistake;
        tries += 1;
        if (tries === 1) throw new Error('out of luck');
        return tries;
      });
      await queue.add([job(shaky), job(wrong)]);
      const dead = await ends(queue, wrong);
      assert.deepEqual([dead.state, dead.reason], ['dead', { code: 'DATA_EMPTY', ...mistake.facts }]);
      const ended = await ends(queue, shaky);
      assert.deepEqual([ended.state, ended.result, ended.failures], ['completed', 2, 1]);
      assert.ok((await queue.list()).some(({ id, state }) => id === wrong && state === 'dead'));
      assert.equal(await queue.retry(wrong), true);
      assert.equal((await ends(queue, wrong)).state, 'dead');
      assert.equal(await queue.retry(shaky), false);
      await worker.close();
    });

    test('a job is cancelled while it waits and while it is done', async () => {
      const queue = await connect();
      const [waits, active] = [own('waits'), own('active')];
      await queue.add([job(waits)]);
      assert.equal(await queue.cancel(waits), true);
      assert.equal((await queue.read(waits))?.cancelled, true);
      const worker = await work(
        ({ signal }) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))),
      );
      assert.equal((await ends(queue, waits)).reason?.code, 'QUEUE_JOB_CANCELLED', 'who takes it sees it');
      await queue.add([job(active)]);
      while ((await queue.read(active))?.state !== 'active') await later(20);
      assert.equal(await queue.cancel(active), true);
      const ended = await ends(queue, active);
      assert.deepEqual([ended.state, ended.reason?.code], ['dead', 'QUEUE_JOB_CANCELLED']);
      assert.equal(await queue.cancel(active), false);
      await worker.close();
    });

    test('what one worker gives back another does', async () => {
      const queue = await connect();
      const id = own('passed');
      const small = await work(({ pass }) => pass('too little memory', 10), 'small');
      await queue.add([job(id)]);
      while ((await queue.read(id))?.passed.small === undefined) await later(20);
      const large = await work(async () => 'done', 'large');
      const ended = await ends(queue, id);
      assert.deepEqual([ended.result, ended.worker, ended.passed], ['done', 'large', { small: 'too little memory' }]);
      await Promise.all([small.close(), large.close()]);
    });

    test('workers are known by name, and clocks are compared', async () => {
      const queue = await connect();
      const name = own('named');
      const worker = await work(async () => 0, name);
      assert.ok((await queue.workers()).includes(name));
      assert.ok(Math.abs(await queue.clockSkew()) < 5);
      await worker.close();
    });
  });
}

test('an address that is none, and a server that is not there, are refused', async () => {
  await assert.rejects(openQueue('localhost:6379'), { code: 'QUEUE_URL' });
  await assert.rejects(openQueue('amqp://localhost'), { code: 'QUEUE_URL' });
  for (const url of ['redis://:secret@127.0.0.1:1', 'postgres://u:secret@127.0.0.1:1/x']) {
    await assert.rejects(openQueue(url), (error: SoftpromptError) => {
      assert.equal(error.code, 'QUEUE_UNREACHABLE');
      assert.ok(!error.message.includes('secret'));
      return true;
    });
  }
});
