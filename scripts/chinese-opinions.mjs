// Writes Chinese opinion texts for pretraining, so that a tiny model learns which words are good and which are bad.
//
// node scripts/chinese-opinions.mjs OUT.txt [--seed 0] [--characters 3000000] [--avoid FILE.jsonl ...]
// A paragraph a line, a blank line between documents. A sentence that shares 8 Chinese characters in a row with a text of an
// --avoid file (rows with `text`) is left out. All words were written for this project.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { classes } from './chinese-opinions.aspects.mjs';
import { domains } from './chinese-opinions.domains.mjs';
import { consequences, feelings, frames, verdicts } from './chinese-opinions.frames.mjs';
import { badGlosses, blame, goodGlosses, opposites, praise } from './chinese-opinions.lexicon.mjs';

const SHINGLE = 8; // Chinese characters in a row that a sentence must not share with an avoided text
const REPEATS = 4; // how often a sentence of more than SHORT characters may occur
const SHORT = 12;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '0' },
    characters: { type: 'string', default: '3000000' },
    avoid: { type: 'string', multiple: true, default: [] },
  },
});
const out = positionals[0];
const wanted = Number(options.characters);
if (!out || !Number.isInteger(Number(options.seed)) || !(wanted > 0)) {
  console.error('usage: chinese-opinions.mjs OUT.txt [--seed 0] [--characters 3000000] [--avoid FILE.jsonl]');
  process.exit(1);
}

// Mulberry32.
let state = Number(options.seed) >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (from) => from[below(from.length)];
const chance = (p) => random() < p;
const other = (polarity) => (polarity === 'good' ? 'bad' : 'good');

/** `count` different members, in random order. */
function some(from, count) {
  const pool = [...from];
  for (let i = 0; i < count && i < pool.length; i++) {
    const j = i + below(pool.length - i);
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, count);
}

const chinese = (text) => text.replace(/[^\p{Script=Han}]/gu, '');
const avoided = new Set();
for (const file of options.avoid) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const text = chinese(JSON.parse(line).text);
    for (let i = 0; i + SHINGLE <= text.length; i++) avoided.add(text.slice(i, i + SHINGLE));
  }
}
let dropped = 0;
function allowed(text) {
  const plain = chinese(text);
  for (let i = 0; i + SHINGLE <= plain.length; i++) if (avoided.has(plain.slice(i, i + SHINGLE))) return false;
  return true;
}

// ~ stands for the adjective.
const emphasis = {
  good: '很~ 非常~ 特别~ 相当~ 十分~ 挺~的 真~ 真的很~ 超级~ 实在是~ 太~了 格外~ 确实~ 比想象中还~ 比别处~多了 越来越~ 始终很~ 够~ 一如既往地~ 又~又让人放心'.split(
    ' ',
  ),
  bad: '很~ 非常~ 特别~ 太~了 实在太~了 有点~ 有些~ 过于~ 真~ 真的很~ 极其~ 相当~ 比想象中还~ 越来越~ 未免太~了 ~得不行 ~得要命 ~到极点 确实~ 还是那么~'.split(
    ' ',
  ),
};
// Turn an adjective of the other polarity over.
const negation = {
  good: '一点也不~ 并不~ 不算~ 丝毫不~ 没有传说中那么~ 完全不~ 不会~ 从来不觉得~ 没有一点~的感觉 根本不~ 说不上~'.split(
    ' ',
  ),
  bad: '不太~ 不够~ 一点也不~ 谈不上~ 没有想象中~ 算不上~ 并不~ 远没有宣传的那么~ 说不上~ 哪里~了 没觉得有多~ 根本不~ 没有别人说的那么~ 再也没有以前~了'.split(
    ' ',
  ),
};

/** What is said of an aspect of this class. */
function predicate(group, polarity) {
  const said = classes[group][polarity];
  if (chance(0.4)) return pick(said.predicates);
  const turned = pick(classes[group][other(polarity)].adjectives);
  if (chance(0.25) && turned.length < 4 && !turned.includes('不')) return pick(negation[polarity]).replace('~', turned);
  if (chance(0.15)) {
    const [one, two] = some(said.adjectives, 2);
    if (one.length === two.length) return `又${one}又${two}`;
  }
  return pick(emphasis[polarity]).replace('~', pick(said.adjectives));
}

/** A sentence about a thing of the domain. Aspects and clauses named before stand in `used`. */
function sentence(domain, polarity, used) {
  const fresh = (make) => {
    for (let attempt = 0; attempt < 8; attempt++) {
      const [key, text] = make();
      if (used.has(key)) continue;
      used.add(key);
      return text;
    }
    return make()[1];
  };
  const clause = (side) =>
    fresh(() => {
      const { group, aspect } = pick(domain.aspects);
      return [aspect, `${aspect}${predicate(group, side)}`];
    });
  const own = (from) => fresh(() => Array(2).fill(pick(from)));
  let named;
  const slot = {
    A: () => (chance(0.2) ? own(domain[polarity]) : clause(polarity)),
    Z: () => clause(other(polarity)),
    D: () => own(domain[polarity]),
    T: () => domain.thing,
    V: () => pick(verdicts[polarity]),
    S: () => own(domain.settings),
    E: () => own(consequences[domain.kind][polarity]),
    F: () => pick(feelings[polarity]),
    P: () =>
      fresh(() => {
        named = pick(domain.aspects);
        return [named.aspect, named.aspect];
      }),
    B: () => predicate(named.group, polarity),
  };
  return pick(frames[polarity]).replace(/[A-Z] ?/g, (letter) => slot[letter[0]]());
}

const seen = new Map();
/** A sentence that is allowed and has not occurred too often. */
function freshSentence(domain, polarity, used) {
  for (;;) {
    const text = sentence(domain, polarity, used);
    if (!allowed(text)) {
      dropped++;
      continue;
    }
    const times = seen.get(text) ?? 0;
    if (text.length > SHORT && times >= REPEATS) continue;
    seen.set(text, times + 1);
    return text;
  }
}

/** A domain with one thing chosen. */
function subject() {
  const domain = pick(domains);
  return { ...domain, thing: pick(domain.things) };
}

/** One to `most` sentences of one polarity. */
function opinion(domain, polarity, most) {
  const used = new Set();
  return Array.from({ length: 1 + below(most) }, () => freshSentence(domain, polarity, used)).join('');
}

// A mark and its opposite have the same place.
const marks = {
  good: '好评 好 推荐 满意 五星 五颗星 值得 非常满意 很好 赞 很棒 喜欢 四星 不错 优秀 正面'.split(' '),
  bad: '差评 差 不推荐 不满意 一星 一颗星 不值得 非常不满意 很差 踩雷 糟糕 讨厌 两星 失望 很烂 负面'.split(' '),
};
const after = [
  '（~）',
  '（~）',
  ' 评价：~',
  ' 总评：~。',
  '——~',
  ' 结论：~。',
  '【~】',
  '总体：~。',
  '打分：~',
  ' 一句话：~。',
  '我的评价是：~。',
];
const before = ['【~】', '~！', '评价：~。', '（~）', '~：'];

function review() {
  const polarity = pick(['good', 'bad']);
  const text = opinion(subject(), polarity, 4);
  const mark = pick(marks[polarity]);
  const place = random();
  if (place < 0.7) return text + pick(after).replace('~', mark);
  if (place < 0.8) return pick(before).replace('~', mark) + text;
  return text;
}

/** Reviews that follow each other in one form. */
function reviews() {
  const domain = subject();
  const form = pick(after);
  const place = below(marks.good.length);
  return Array.from({ length: 2 + below(6) }, () => {
    const polarity = pick(['good', 'bad']);
    return opinion(chance(0.5) ? domain : subject(), polarity, 2) + form.replace('~', marks[polarity][place]);
  });
}

function clauses(domain, polarity, count) {
  return some(domain.aspects, count)
    .map(({ group, aspect }) => (chance(0.25) ? pick(domain[polarity]) : `${aspect}${predicate(group, polarity)}`))
    .filter((text, at, all) => all.indexOf(text) === at && (allowed(text) || !++dropped));
}

function prosAndCons() {
  const domain = subject();
  const [good, bad] = pick([
    ['优点', '缺点'],
    ['好的地方', '不好的地方'],
    ['喜欢的', '不喜欢的'],
    ['长处', '短处'],
    ['值得夸的', '要批评的'],
    ['加分', '减分'],
  ]);
  const joint = pick(['，', '；', '、', '。']);
  const write = (polarity, name) => {
    const text = clauses(domain, polarity, 1 + below(4)).join(joint);
    return inFront ? `${name}：${text}。` : `${text}（${name}）`;
  };
  const inFront = chance(0.6);
  const pair = () => {
    const both = [write('good', good), write('bad', bad)];
    return chance(0.7) ? both : both.reverse();
  };
  return [...(chance(0.4) ? [`${domain.thing}`] : []), ...pair(), ...(chance(0.4) ? pair() : [])];
}

function wordLists() {
  const [good, bad] = pick([
    ['褒义词', '贬义词'],
    ['好词', '坏词'],
    ['正面的说法', '负面的说法'],
    ['夸人的话', '骂人的话'],
    ['好的', '不好的'],
    ['表扬', '批评'],
  ]);
  const joint = pick(['、', '，', ' ']);
  if (chance(0.3)) return [some(opposites, 4 + below(8)).join(pick(['；', '，', '。']))];
  if (chance(0.3)) {
    return some([...praise.map((word) => [word, good]), ...blame.map((word) => [word, bad])], 6 + below(6)).map(
      ([word, name]) => `${word}（${name}）`,
    );
  }
  const both = [
    `${good}：${some(praise, 5 + below(12)).join(joint)}。`,
    `${bad}：${some(blame, 5 + below(12)).join(joint)}。`,
  ];
  return chance(0.5) ? both : both.reverse();
}

function glosses() {
  const count = 5 + below(8);
  const [from, title] = pick([
    [goodGlosses, '好的词 good words'],
    [badGlosses, '坏的词 bad words'],
    [[...goodGlosses, ...badGlosses], '词语 words'],
  ]);
  const form = pick(['E C', 'E：C', 'C E', 'E = C', 'E（C）', 'C（E）']);
  const pairs = some(from, count).map(([english, word]) =>
    form.replace(/E|C/g, (side) => (side === 'E' ? english : word)),
  );
  return [...(chance(0.3) ? [title] : []), `${pairs.join('；')}。`];
}

function dialogue() {
  const domain = subject();
  const polarity = pick(['good', 'bad']);
  const { group, aspect } = pick(domain.aspects);
  const yes = polarity === 'good' ? '值得' : '不值得';
  const of = pick(verdicts[polarity]);
  const general = [
    `${domain.thing}怎么样？`,
    `你觉得${domain.thing}好不好？`,
    `${domain.thing}推荐吗？`,
    `${domain.thing}值不值？`,
  ];
  const answer = opinion(domain, polarity, 2);
  const exchanges = [
    () => [`${pick(general)}`, answer],
    () => [`${domain.thing}的${aspect}怎么样？`, `${predicate(group, polarity)}，${of}。`],
    () => [`${domain.thing}值得选吗？`, `${yes}。${answer}`],
    () => [`听说${domain.thing}${pick(verdicts[polarity])}，真的吗？`, `真的，${answer}`],
    () => [`听说${domain.thing}${pick(verdicts[other(polarity)])}，真的吗？`, `不是的，${answer}`],
    () => [`上次的感觉${pick(['如何', '怎么样'])}？`, `${polarity === 'good' ? '好极了' : '别提了'}，${answer}`],
    () => [`你喜欢${domain.thing}吗？`, `${polarity === 'good' ? '喜欢' : '不喜欢'}，${answer}`],
  ];
  const [question, reply] = pick(exchanges)();
  return chance(0.5) ? [`${question}——${reply}`] : [`问：${question}`, `答：${reply}`];
}

const mixed = () => {
  const domain = subject();
  const [good, bad] = [clauses(domain, 'good', 2), clauses(domain, 'bad', 2)].map((all) => all.join('，'));
  const end = pick([
    '总体一般。',
    '中规中矩。',
    '有好有坏。',
    '见仁见智。',
    '算是中等水平吧。',
    '（中评）',
    '（一般）',
    '三星。',
    '',
  ]);
  const joint = pick(['，不过', '，但是', '，只是', '。另一方面，', '；']);
  return [chance(0.5) ? `${good}${joint}${bad}。${end}` : `${bad}${joint}${good}。${end}`];
};

const kinds = [
  [0.47, () => [review()]],
  [0.2, reviews],
  [0.12, prosAndCons],
  [0.05, wordLists],
  [0.05, glosses],
  [0.07, dialogue],
  [0.04, mixed],
];

/** The kind whose share holds `at`, a number in [0, 1). */
function kindOf(at) {
  let sum = 0;
  for (const [share, write] of kinds) {
    sum += share;
    if (at < sum) return write;
  }
  return review;
}

const documents = [];
let characters = 0;
while (characters < wanted) {
  const text = kindOf(random())().join('\n');
  documents.push(text);
  characters += text.length + 2;
}
writeFileSync(`${out}.part`, `${documents.join('\n\n')}\n`);
renameSync(`${out}.part`, out);
console.log(
  `${characters} characters, ${documents.length} documents, ${seen.size} distinct sentences, ${dropped} sentences dropped for --avoid`,
);
