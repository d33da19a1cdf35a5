import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { leaveOneOut } from '../../data/interactions/interaction-splits.js';
import { topItems } from '../../evaluation/ranking/top-items.js';
import { Random } from '../../random.js';
import type { NetworkState } from '../../training/train-network.js';
import { fitSasRec } from './fit-sasrec.js';
import { sasRecScorer } from './sasrec.js';
import type { SasRecOptions } from './sasrec-options.js';
import { givenGroups, type UserInputs, userTokenShape } from './user-inputs.js';

const ITEMS = 12;
/** A user's kind decides how far he steps on a ring of items. */
const STRIDES = [1, 4, 7];
const KINDS = ['a', 'b', 'c'];
/** Users of two interactions train, those of three are validated from the first alone: no history tells the stride. */
const PAIRS = 400;
const USERS = PAIRS + 80;

const random = new Random(3);
const starts = Array.from({ length: USERS }, () => random.integer(ITEMS));
const kinds = Int32Array.from({ length: USERS }, () => random.integer(KINDS.length));
const step = (item: number, kind: number) => (item + STRIDES[kind]!) % ITEMS;

function world(): InteractionData {
  const user: number[] = [];
  const item: number[] = [];
  for (let u = 0; u < USERS; u++) {
    let at = starts[u]!;
    for (let t = 0; t < (u < PAIRS ? 2 : 3); t++) {
      user.push(u);
      item.push(at);
      at = step(at, kinds[u]!);
    }
  }
  const ids = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  return {
    users: ids(USERS),
    items: ids(ITEMS),
    user: Int32Array.from(user),
    item: Int32Array.from(item),
    time: undefined,
    rating: undefined,
  };
}

const splits = leaveOneOut(world());
/** The kind, and attributes that mean nothing; every tenth user is unknown. */
function usersWith(noise: number): UserInputs {
  const attributes = [
    { attribute: 'kind', names: KINDS, cuts: undefined },
    ...Array.from({ length: noise }, (_, i) => ({ attribute: `noise${i}`, names: ['x', 'y'], cuts: undefined })),
  ];
  const groups = Array.from(kinds, (kind, user) =>
    attributes.map((_, i) => (user % 10 === 0 ? -1 : i === 0 ? kind : random.integer(2))),
  );
  return { attributes, groups: Int32Array.from(groups.flat()), shares: undefined };
}
const small: Partial<SasRecOptions> = {
  ...{
    width: 16,
    layers: 1,
    maxLength: 4,
    dropout: 0,
    batchSize: 64,
    epochs: 60,
    patience: 60,
    learningRate: 0.01,
    seed: 1,
  },
  userDropout: 0.1,
};

const without = await fitSasRec(splits, small, { threads: 1 });
for (const noise of [1, 8]) {
  test(`what follows from an attribute is learned, beside ${noise} others`, async () => {
    const users = usersWith(noise);
    assert.equal(userTokenShape(users).generator > 0, noise > 1);
    const { model, validNdcg } = await fitSasRec(splits, { ...small, users }, { threads: 1 });
    assert.ok(without.validNdcg! < 0.8, `NDCG@10 without attributes ${without.validNdcg}`);
    assert.ok(validNdcg! > without.validNdcg! + 0.15, `NDCG@10 ${validNdcg}, without attributes ${without.validNdcg}`);

    const scorer = await sasRecScorer(model, { threads: 1 });
    let right = 0;
    let unsure = 0;
    for (let item = 0; item < ITEMS; item++) {
      const histories = KINDS.map(() => Int32Array.of(item));
      // one attribute of two is left out, or all are given
      const rest = noise === 1 ? {} : Object.fromEntries(users.attributes.slice(1).map((one) => [one.attribute, 'x']));
      const groups = KINDS.map((kind) => givenGroups(users.attributes, { ...rest, kind }));
      const scores = await scorer.score(new Int32Array(KINDS.length).fill(-1), histories, groups);
      KINDS.forEach((_, kind) => {
        const own = scores.subarray(kind * ITEMS, (kind + 1) * ITEMS);
        if (topItems(own, 1)[0] === step(item, kind)) right += 1;
      });
      // of whom nothing is known: all strides are likely
      const nobody = await scorer.score(Int32Array.of(-1), [Int32Array.of(item)]);
      const strides = new Set(STRIDES.map((_, kind) => step(item, kind)));
      if (topItems(nobody, 3).every((best) => strides.has(best))) unsure += 1;
    }
    assert.ok(right > (noise === 1 ? 32 : 24), `${right} of 36 right`);
    assert.ok(unsure > 8, `${unsure} of 12 histories of users without attributes`);

    const odd = givenGroups(users.attributes, { kind: 'never seen' });
    assert.ok(odd.every((group) => group === -1));
    const nothing = new Int32Array(0);
    const empty = await scorer.score(Int32Array.of(-1, -1), [nothing, nothing], [odd, Int32Array.from(odd, () => 0)]);
    assert.deepEqual(empty.subarray(0, ITEMS), model.popularity);
    assert.notDeepEqual(empty.subarray(ITEMS), model.popularity);
    await scorer.release();
    assert.throws(() => givenGroups(users.attributes, { kin: 'a' }), { code: 'RECOMMEND_REQUEST' });
  });
}

test("a user's own vector learns what is his alone, and the more the longer his history is", async () => {
  // everyone takes one item again and again among random ones, and nothing but his name tells which
  const own = Array.from({ length: 60 }, () => random.integer(ITEMS));
  const user = own.flatMap((_, u) => new Array<number>(24).fill(u));
  const item = user.map((u, i) => (i % 2 === 0 ? random.integer(ITEMS) : own[u]!));
  const data = { ...world(), users: own.map(String), user: Int32Array.from(user), item: Int32Array.from(item) };
  const parts = leaveOneOut(data);
  const shares = Float32Array.from(own, () => 0.9);
  const users: UserInputs = { attributes: [], groups: new Int32Array(0), shares };
  const options = { ...small, batchSize: 16, maxLength: 2, epochs: 100, patience: 100 };
  const { model } = await fitSasRec(parts, { ...options, users }, { threads: 1 });
  const scorer = await sasRecScorer(model, { threads: 1 });
  const histories = own.map(() => Int32Array.of(0));
  const scores = await scorer.score(Int32Array.from(own.keys()), histories);
  const known = own.filter((best, u) => topItems(scores.subarray(u * ITEMS, (u + 1) * ITEMS), 1)[0] === best);
  assert.ok(known.length > 45, `${known.length} of 60`);
  const anyone = await scorer.score(new Int32Array(60).fill(-1), histories);
  assert.deepEqual(anyone.subarray(0, ITEMS), anyone.subarray(ITEMS, 2 * ITEMS));
  await scorer.release();
});

test('a resumed fit with users ends bit for bit the same', async () => {
  const users = { ...usersWith(1), shares: Float32Array.from(kinds, () => 0.5) };
  const options = { ...small, dropout: 0.1, epochs: 3, users };
  const whole = await fitSasRec(splits, options, { threads: 1 });
  const controller = new AbortController();
  let saved: NetworkState | undefined;
  await fitSasRec(splits, options, {
    threads: 1,
    signal: controller.signal,
    onEpoch: ({ epoch }) => epoch === 2 && controller.abort(),
    save: async (state) => {
      saved = structuredClone(state);
    },
  });
  const resumed = await fitSasRec(splits, options, { threads: 1, state: saved });
  const untimed = (state: NetworkState) => ({ ...state, trainingSeconds: 0 });
  assert.deepEqual(untimed(resumed.state), untimed(whole.state));
  assert.deepEqual(resumed.model, whole.model);
});
