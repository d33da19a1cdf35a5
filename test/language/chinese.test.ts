/** Whoever adds a message adds its Chinese: `node scripts/messages.mjs` prints what is missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Translator } from '../../src/language/catalogue.js';
import { chooseLanguage, languageOf } from '../../src/language/language.js';
import { translate } from '../../src/language/translate.js';
import { CHINESE } from '../../src/language/zh/index.js';
import { WORDS } from '../../src/language/zh/words.js';
import { userMessages } from './user-messages.js';

const messages = userMessages('dist/src');
const entries = CHINESE.flatMap((catalogue) => Object.entries(catalogue));

test('every message that people may be told has its Chinese', () => {
  assert.ok(messages.length > 2000, `${messages.length} messages were found`);
  const known = new Map(entries);
  const missing = messages.filter(({ english }) => !known.get(english));
  assert.deepEqual(missing, [], 'node scripts/messages.mjs prints these as lines for src/language/zh/');
});

test('no Chinese is left of messages that are gone, and none is there twice', () => {
  const told = new Set(messages.map(({ english }) => english));
  const stale = entries.map(([english]) => english).filter((english) => !told.has(english) && !(english in WORDS));
  assert.deepEqual(stale, []);
  const seen = new Set<string>();
  const twice = entries.filter(([english]) => seen.size === seen.add(english).size);
  assert.deepEqual(twice, []);
});

test('what is filled in is filled in in both, and flags, commands and codes are the same in both', () => {
  const filled = (text: string) => [...new Set(text.match(/\{\d+(?=(:word)?\})/g))].sort();
  const code = (text: string) =>
    (text.match(/--[a-z][\w-]*|HF_\w+|SOFTPROMPT_\w+|\bnpx softprompt [\w-]+/g) ?? []).sort();
  for (const [english, chinese] of entries) {
    const plural = english.includes('warning{1}'); // the ending of a plural, which Chinese has none of
    if (!plural) assert.deepEqual(filled(chinese), filled(english), english);
    assert.deepEqual([...new Set(code(chinese))], [...new Set(code(english))], english);
  }
});

test('the translations are Chinese, save those that are names alone', () => {
  const foreign = entries.filter(([, chinese]) => !/\p{Script=Han}/u.test(chinese)).map(([english]) => english);
  assert.ok(foreign.length < 25, `${foreign.join('\n')}`);
});

test('the language is that of --lang, else of the locale', () => {
  assert.equal(languageOf(['tune', '--lang', 'zh'], { LANG: 'en_US.UTF-8' }), 'zh');
  assert.equal(languageOf(['tune', '--lang=en'], { LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(languageOf([], { LANG: 'zh_CN.UTF-8' }), 'zh');
  assert.equal(languageOf([], { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(languageOf([], {}), 'en');
});

test('messages are told whole, within each other and one after the other; what is no message stays', () => {
  chooseLanguage('zh');
  try {
    const verdict =
      'Of 600 people, 133 found their next choice among 10 suggestions (popularity 35: measurably more; item neighbours 136: no measurable difference). It is not measurably better than item neighbours, which costs nothing to learn. It suggests 214 of 800 items. Next: more data; with so few people only large differences can be told.';
    assert.equal(
      translate(verdict),
      '600 人中有 133 人在 10 条推荐里找到了下一次的选择（热门度 35：明显更多；物品近邻 136：没有可测量的差别）。与不需要学习的物品近邻相比，没有可测量的优势。它推荐了 800 个物品中的 214 个。下一步：增加数据；人数这么少，只能看出很大的差别。',
    );
    assert.equal(translate("data.csv:3 has the user '7' again"), 'data.csv:3 再次出现用户“7”');
    assert.equal(translate('The flag --model is missing'), '缺少选项 --model');
    for (const [english, chinese] of [
      [
        "No refit needed: of 95 people who came back, 18 found their next item among 10 suggestions (24 were to be expected by the fit's test): no measurable loss.",
        '无需重新拟合：在 95 位再次到来的用户中，18 位在 10 条推荐里找到了下一个物品（按拟合时的测试，应有 24 位）：没有可测量的下降。',
      ],
      ['learning from all 61 interactions for 10 epochs, to serve …', '正在从全部 61 条交互记录学习 10 轮，用于服务 …'],
      [
        'Since the fit: 1 update, 525 interactions (8.5 % of those of the fit), 30 users, 10 items, 1 changed',
        '拟合以来：1 次更新，525 条交互记录（为拟合时的 8.5 %），30 个用户，10 个物品，1 个有改动',
      ],
      [
        'Forgotten: 1 person (6 interactions, 0 vectors of their own)',
        '已遗忘：1 人（6 条交互记录，0 个向量为其本人所有）',
      ],
    ])
      assert.equal(translate(english!), chinese);
    assert.equal(
      translate('12 s in all, 900 interactions/s in training, at most 410 MiB of memory'),
      '共用时 12 s，训练时每秒 900 条交互，内存最多 410 MiB',
    );
    assert.equal(
      translate(
        'columns: user = 会员手机号, item = 商品编码, time = 付款时间 (calendar dates, 2026-01-01 08:04 to 2026-05-14 20:47)',
      ),
      '列：用户 = 会员手机号，物品 = 商品编码，时间 = 付款时间（日期，2026-01-01 08:04 至 2026-05-14 20:47）',
    );
    assert.equal(translate("orders.csv has the columns 'a b', '商品标题'"), 'orders.csv 的列为“a b”、“商品标题”');
    const prompt =
      'Of 18 test texts, the prompt labels 12 right (bag of words 15: no measurable difference; head 18: measurably less). It is not worth using: head, which costs less, labels more right.';
    assert.equal(
      translate(prompt),
      '在 18 条测试文本中，提示标对 12 条（词袋 15：没有可测量的差别；线性探针 18：明显更少）。不值得使用：代价更小的线性探针标对的更多。',
    );
    assert.equal(translate('\n12 s, at most 240 MiB of memory'), '\n12 s，内存最多 240 MiB');
    for (const own of ['War and Peace', '红楼梦', 'user,item,label', "i'm fine"]) assert.equal(translate(own), own);
  } finally {
    chooseLanguage('en');
  }
  assert.equal(translate('The flag --model is missing'), 'The flag --model is missing');
});

test('of several messages that fit the one that says most is meant, and what is quoted stays', () => {
  const translator = new Translator([
    { '{0} has the {1}': '{0}：{1}', "{0} has the file '{1}'": '{0} 含文件“{1}”', file: '文件' },
  ]);
  assert.equal(translator.translate("a has the file 'file'"), 'a 含文件“file”');
  assert.equal(translator.translate('a has the file'), 'a：文件');
});
