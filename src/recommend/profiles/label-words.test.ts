import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '../../prompt/parse-template.js';
import { labelWords, profileTemplate, titlesTemplate } from './label-words.js';

test('values become words with a space before them; shorthand is spelled out', () => {
  const words = (attribute: string, names: readonly string[]) => labelWords({ attribute, names, cuts: undefined });
  assert.deepEqual(words('Gender', ['F', 'M']), { F: ' female', M: ' male' });
  assert.deepEqual(words('gender', ['F', 'M', 'x']), { F: ' F', M: ' M', x: ' x' });
  assert.deepEqual(words('job', ['self_employed', 'none']), { self_employed: ' self employed', none: ' none' });
});

test('a default template can be parsed whatever the attribute is called, and ends words that begin others', () => {
  assert.equal(
    titlesTemplate('age_group', [' under 25', ' 25-34']),
    '[soft:20]One person chose: {history|keep=end}. Their age group:{label}',
  );
  assert.ok(titlesTemplate('job', [' sales', ' sales manager']).endsWith('{label}.'));
  const { parts } = parseTemplate(titlesTemplate('a{b}[soft:2]\\', [' x', ' y']));
  assert.deepEqual(
    parts.map(({ kind }) => kind),
    ['learned', 'words', 'slot', 'words', 'label'],
  );
});

test('the template where none is given makes rows of what was chosen, if the method can', () => {
  const words = [' x', ' y'];
  const template = profileTemplate('first "\\ name', words, {});
  assert.equal(template, '[soft:"What someone chose tells the first \\"\\\\ name:"][user:items,rows=2]{label}');
  assert.deepEqual(
    parseTemplate(template).parts.map(({ kind }) => kind),
    ['learned-words', 'made', 'label'],
  );
  assert.equal(profileTemplate('a', [' x', ' xy'], { method: 'prefix' }).endsWith('{label}.'), true);
  assert.equal(profileTemplate('a', words, { method: 'p-tuning' }), titlesTemplate('a', words));
  assert.equal(profileTemplate('a', words, { method: 'prefix', projection: true }), titlesTemplate('a', words));
});
