import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../errors.js';
import { parseTemplate } from '../prompt/parse-template.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { type SearchEvent, type SearchOptions, searchSettings } from './search.js';
import { defaultCandidates } from './search-candidates.js';
import type { TuningSettings } from './settings.js';
import { tune } from './tune.js';
import type { TuningState } from './tuning-state.js';

/** A candidate whose validation climbs to `quality` as it is trained; a whole run takes `pace` seconds. */
interface Fake {
  readonly name: string;
  readonly quality: number;
  readonly pace: number;
  readonly fails?: boolean;
}

/** A search over fakes on a clock of its own, with a record of what was run. */
function fakeSearch(candidates: readonly Fake[], options: Partial<SearchOptions<Fake, number>> = {}) {
  let time = 1000;
  const calls: { readonly name: string; readonly from: number; readonly to: number; readonly ended: number }[] = [];
  const events: SearchEvent<Fake>[] = [];
  const result = searchSettings<Fake, number>({
    candidates,
    budgetSeconds: 600,
    seed: 1,
    now: () => time,
    onEvent: (event) => events.push(event),
    run: async ({ name, quality, pace, fails }, share, state = 0) => {
      time += pace * (share - state);
      calls.push({ name, from: state, to: share, ended: time - 1000 });
      if (fails) throw new SoftpromptError('TUNING_NOT_FINITE', { found: 'NaN', expected: 'a number', fix: 'none' });
      return { validation: { accuracy: quality * (1 - 0.3 ** (1 + 5 * share)), loss: 1 }, state: share };
    },
    ...options,
  });
  return { result, calls, events };
}

/** `spread`: how much slower the slowest is than the first. */
const fakes = (count: number, pace: number, best: number, spread = 0): Fake[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    quality: i === best ? 0.95 : 0.5 + 0.01 * i,
    pace: pace * (1 + ((i % 3) / 2) * spread),
  }));

test('halving finds the best of 27 wherever it stands, in half the time of training them all', async () => {
  for (const best of [0, 5, 13, 26]) {
    const { result, calls, events } = fakeSearch(fakes(27, 100, best, 0.5), { budgetSeconds: 1600 });
    const { best: winner, trials, untried, seconds, interrupted } = await result;
    assert.equal(winner!.candidate.name, `c${best}`);
    assert.equal(trials[0]!.candidate, winner!.candidate);
    assert.equal(trials.length, 27);
    assert.equal(untried, 0);
    assert.ok(!interrupted);
    assert.ok(seconds <= 1600 && seconds > 1200, `${seconds} seconds`);
    const rungs = events.filter((event) => event.event === 'search rung');
    assert.deepEqual(
      rungs.map(({ candidates }) => candidates),
      [27, 9, 3],
    );
    assert.ok(rungs.every((rung, i) => i === 0 || rung.share > rungs[i - 1]!.share));
    assert.equal(events.length, calls.length + rungs.length);
    assert.equal(winner!.state, winner && rungs.at(-1)!.share, 'the state is that of the last rung');
  }
});

test('candidates go on from where they were left, all of a rung to the same share', async () => {
  const { result, calls, events } = fakeSearch(fakes(9, 100, 4));
  await result;
  const reached = new Map<string, number>();
  for (const { name, from, to } of calls) {
    assert.equal(from, reached.get(name) ?? 0);
    reached.set(name, to);
  }
  const shares = new Set(events.flatMap((event) => (event.event === 'search rung' ? [event.share] : [])));
  assert.deepEqual(new Set(calls.slice(1).map(({ to }) => to)), shares, 'after the first try');
});

test('side by side, candidates go twice as far in the same time, never more than so many at once', async () => {
  let [time, running, most] = [0, 0, 0];
  const run: SearchOptions<Fake, number>['run'] = async ({ quality, pace }, share, state = 0) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((later) => setImmediate(later));
    running -= 1;
    const seconds = pace * (share - state);
    time += seconds / 2; // two at once
    return { validation: { accuracy: quality * (1 - 0.3 ** (1 + 5 * share)), loss: 1 }, state: share, seconds };
  };
  const { result, events } = fakeSearch(fakes(9, 100, 4), { atOnce: 2, now: () => time, run });
  const { best, seconds } = await result;
  const alone = fakeSearch(fakes(9, 100, 4));
  await alone.result;
  assert.deepEqual([best!.candidate.name, most], ['c4', 2]);
  assert.ok(seconds <= 610, `${seconds} seconds`);
  const share = (all: readonly SearchEvent<Fake>[]) =>
    all.flatMap((one) => (one.event === 'search rung' ? [one.share] : []))[0]!;
  assert.ok(share(events) > 1.5 * share(alone.events), `${share(events)} and ${share(alone.events)}`);
});

test('the budget is kept whatever the speed, and fewer candidates enter when it is short', async () => {
  for (const pace of [1, 30, 100, 300, 1000, 2500]) {
    const { result, calls } = fakeSearch(fakes(27, pace, 3));
    const { best, trials, untried, seconds } = await result;
    assert.ok(seconds <= 600 + 1e-6, `${seconds} seconds at ${pace} a run`);
    assert.equal(trials.length + untried, 27);
    assert.ok(best !== undefined);
    assert.equal(calls[0]!.name, 'c0', 'the first candidate is the default');
    assert.ok(calls.every(({ from, to }) => to - from >= 0.1 - 1e-9 || from === 0.1 || to === 1));
    if (pace === 1) assert.ok(trials.every(({ share }) => share === 1));
    if (pace >= 1000) assert.ok(untried > 20);
  }
  const { result, calls } = fakeSearch(fakes(27, 100_000, 3));
  const { best, seconds } = await result;
  assert.equal(calls.length, 1, 'one try shows that there is no time for more');
  assert.equal(best!.candidate.name, 'c0');
  assert.equal(seconds, 10_000);
});

test('what turns out to be slow is left out of a rung rather than the budget overrun', async () => {
  const { result, events } = fakeSearch([
    { name: 'fast', quality: 0.5, pace: 100 },
    ...Array.from({ length: 8 }, (_, i) => ({ name: `slow ${i}`, quality: 0.6, pace: 450 })),
  ]);
  const { seconds, trials, best } = await result;
  const planned = events.find((event) => event.event === 'search rung')!.candidates;
  assert.ok(seconds <= 600, `${seconds} seconds`);
  assert.ok(trials.length > 2 && trials.length < planned, `${trials.length} of ${planned}`);
  assert.match(best!.candidate.name, /slow/);
});

test('a candidate that is further than its rung is left alone: the machine slept in the rung before', async () => {
  let calls = 0;
  let time = 0;
  const shares: (readonly [from: number, to: number])[] = [];
  await fakeSearch(fakes(12, 100, 4), {
    budgetSeconds: 500,
    now: () => time,
    run: async ({ quality, pace }, share, state = 0) => {
      time += pace * (share - state) + (calls++ === 13 ? 300 : 0);
      shares.push([state, share]);
      return { validation: { accuracy: quality * share, loss: 1 }, state: share };
    },
  }).result;
  assert.ok(
    shares.every(([from, to]) => to > from),
    `${shares}`,
  );
});

test('the same seed and timings give the same search; the seed orders all but the first', async () => {
  const run = async (seed: number) => {
    const { result, calls } = fakeSearch(fakes(27, 300, 9), { seed });
    await result;
    return calls;
  };
  assert.deepEqual(await run(1), await run(1));
  const [one, two] = [await run(1), await run(2)];
  assert.equal(one[0]!.name, two[0]!.name);
  assert.notDeepEqual(
    one.map(({ name }) => name),
    two.map(({ name }) => name),
  );
});

test('a candidate that fails is out and says why; other errors end the search', async () => {
  const candidates = fakes(9, 50, 2).map((fake) => ({ ...fake, fails: fake.name === 'c0' || fake.name === 'c5' }));
  const { best, trials } = await fakeSearch(candidates).result;
  assert.equal(best!.candidate.name, 'c2');
  assert.deepEqual(
    trials.slice(-2).map(({ candidate, failure }) => [candidate.name, /NaN/.test(failure!)]),
    [
      ['c0', true],
      ['c5', true],
    ],
  );
  const allFail = fakes(3, 50, 2).map((fake) => ({ ...fake, fails: true }));
  await assert.rejects(fakeSearch(allFail).result, (error: SoftpromptError) => error.code === 'TUNING_NOT_FINITE');
  const broken = fakeSearch(fakes(3, 50, 2), {
    run: async () => {
      throw new TypeError('a bug');
    },
  });
  await assert.rejects(broken.result, TypeError);
});

test('an interrupted search gives the best so far, and the try at hand does not count', async () => {
  for (const stopAfter of [0, 1, 5, 29, 38]) {
    const abort = new AbortController();
    let calls = 0;
    let time = 0;
    const { result } = fakeSearch([], {
      candidates: fakes(27, 100, 26),
      budgetSeconds: 1600,
      signal: abort.signal,
      now: () => time,
      run: async ({ quality, pace }, share, state = 0) => {
        time += pace * (share - state);
        if (calls++ === stopAfter) {
          abort.abort();
          if (stopAfter % 2 === 1) throw new Error('aborted');
          return { validation: { accuracy: 1, loss: 0 }, state: share };
        }
        return { validation: { accuracy: quality * share, loss: 1 }, state: share };
      },
    });
    const { best, interrupted, trials } = await result;
    assert.ok(interrupted);
    assert.equal(calls, stopAfter + 1, 'nothing runs after the signal');
    assert.equal(best === undefined, stopAfter === 0);
    assert.ok(trials.every(({ validation }) => validation!.accuracy < 1));
    if (best !== undefined) assert.equal(best.candidate, trials[0]!.candidate);
  }
});

test('settings that make no sense are refused', async () => {
  const wrong = [{ budgetSeconds: 0 }, { budgetSeconds: Number.NaN }, { keepOneIn: 1 }, { leastShare: 0 }];
  for (const options of [...wrong, { candidates: [] }]) {
    await assert.rejects(
      fakeSearch(fakes(3, 10, 1), options).result,
      (error: SoftpromptError) => error.code === 'TUNING_SETTING',
    );
  }
});

test('with real runs the winner goes on to what a run of its own would give', async () => {
  const train: PromptSequence[] = Array.from({ length: 12 }, (_, i) => ({
    context: Int32Array.of(3 + (i % 3) - 1),
    candidates: [Int32Array.of(1)],
    target: 0,
  }));
  const settings: TuningSettings = {
    steps: 60,
    batchSize: 4,
    accumulation: 1,
    learningRate: 1,
    warmUp: 0,
    decay: 'linear',
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-8,
    weightDecay: 0,
    clipNorm: Number.POSITIVE_INFINITY,
    evaluateEvery: 1,
    patience: Number.POSITIVE_INFINITY,
    seed: 3,
  };
  const learn = (learningRate: number, share: number, state: TuningState | undefined) =>
    tune({
      // squared distance of the prompt's one number from the context's
      network: {
        prepareTraining: async () => {},
        lossAndGradient: async (prompt, batch, weight = 1 / batch.length) => {
          const distances = batch.map(({ context }) => prompt[0]! - context[0]!);
          const sum = (of: (distance: number) => number) => distances.reduce((total, d) => total + weight * of(d), 0);
          return { loss: sum((d) => d * d), gradient: Float32Array.of(sum((d) => 2 * d)) };
        },
      },
      train,
      initial: Float32Array.of(0),
      settings: { ...settings, learningRate },
      validate: async (prompt) => ({ accuracy: 0, loss: Math.abs(prompt[0]! - 3) }),
      state,
      pauseAt: Math.round(share * settings.steps),
    });
  let time = 0;
  const { best } = await searchSettings<number, TuningState>({
    candidates: [1e-3, 0.3, 1e-5, 1e3],
    budgetSeconds: 150,
    seed: 0,
    now: () => time,
    run: async (learningRate, share, before) => {
      time += 60 * (share - (before?.step ?? 0) / settings.steps);
      const { state } = await learn(learningRate, share, before);
      return { validation: state.best!.validation, state };
    },
  });
  assert.equal(best!.candidate, 0.3);
  const continued = await learn(0.3, 1, best!.state);
  const whole = await learn(0.3, 1, undefined);
  assert.deepEqual(continued.state.weights, whole.state.weights);
});

test('the default grid: given settings first, lengths where one block is free, starts where any is', () => {
  const starts = ['vocabulary', 'labels', 'random'] as const;
  const grid = defaultCandidates(parseTemplate('[soft:20]{text} It was{label}'), 0.06, starts);
  assert.equal(grid.length, 27);
  assert.deepEqual(grid[0], {
    learningRate: 0.06,
    template: '[soft:20]{text} It was{label}',
    initialisation: 'vocabulary',
  });
  const of = (values: readonly unknown[]) => [...new Set(values)];
  assert.deepEqual(of(grid.map(({ learningRate }) => learningRate.toFixed(3))), ['0.060', '0.020', '0.180']);
  assert.deepEqual(of(grid.map(({ template }) => template)), [
    '[soft:20]{text} It was{label}',
    '[soft:10]{text} It was{label}',
    '[soft:40]{text} It was{label}',
  ]);
  assert.deepEqual(of(grid.map(({ initialisation }) => initialisation)), [...starts]);

  assert.equal(defaultCandidates(parseTemplate('[soft:1]{text}{label}'), 1, starts).length, 3 * 2 * 3);
  assert.equal(defaultCandidates(parseTemplate('[soft:3]{text}[soft:3]{label}'), 1, starts).length, 3 * 3);
  assert.equal(defaultCandidates(parseTemplate('[soft:"a b"]{text}{label}'), 1, starts).length, 3);
  const mixed = defaultCandidates(parseTemplate('[soft:"a b"]{text|max=9}[soft:4] \\{x\\}{label}!'), 1, starts);
  assert.deepEqual(of(mixed.map(({ template }) => template)).slice(1), [
    '[soft:"a b"]{text|max=9}[soft:2] \\{x\\}{label}!',
    '[soft:"a b"]{text|max=9}[soft:8] \\{x\\}{label}!',
  ]);
});
