import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import { formatTemplate } from '../../prompt/template.js';
import {
  parsePriorTemplate,
  parseWordsQuestion,
  parseWordsTemplate,
  priorTemplate,
  WORDS_QUESTION,
  WORDS_TEMPLATE,
} from './words-template.js';

const prior = (source: string) => formatTemplate(priorTemplate(parseWordsTemplate(source)).parts);

test('without a history, the words between it and the title are left', () => {
  assert.equal(prior('A reader enjoyed {history}. Next, he will enjoy{label}.'), 'Next, he will enjoy{label}.');
  assert.equal(prior('我看过{history}，接下来想看{label}。'), '接下来想看{label}。');
});

test('where these are no words, what stands before the history is left', () => {
  assert.equal(prior('Seen by one person: {history}, {label},'), 'Seen by one person: {label},');
});

test('learned tokens stay, in their order', () => {
  assert.equal(prior('[soft:4]Liked: {history}[soft:2]. Next: {label}'), '[soft:4][soft:2]Next: {label}');
});

test('a template needs one history, and nothing else', () => {
  parseWordsTemplate(WORDS_TEMPLATE);
  const refused = (act: () => unknown, expected: RegExp) =>
    assert.throws(act, (error) => error instanceof SoftpromptError && expected.test(error.message));
  refused(() => parseWordsTemplate('He will like {label}'), /No \{history\}/);
  refused(() => parseWordsTemplate('{history} {history}{label}'), /A second \{history\} at column 11/);
  refused(() => parseWordsTemplate('{history} {mood}{label}'), /\{mood\} at column 11/);
  refused(() => parseWordsQuestion(WORDS_TEMPLATE), /No question behind \{label\}.*leave --words-form out/s);
  for (const question of [WORDS_QUESTION, '{history}. Next {label}?', '看过{history}。会喜欢{label}吗'])
    assert.equal(parseWordsQuestion(question).source, question);
  refused(() => prior('{history}, {label},'), /column 12 .*--prior-weight 0/s);
  refused(() => parsePriorTemplate('{history}. Next: {label}'), /same for every history/);
});
