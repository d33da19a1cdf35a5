import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '../../prompt/parse-template.js';
import { labelWords, profileTemplate } from './label-words.js';

test('values become words with a space before them; shorthand is spelled out', () => {
  const words = (attribute: string, names: readonly string[]) => labelWords({ attribute, names, cuts: undefined });
  assert.deepEqual(words('Gender', ['F', 'M']), { F: ' female', M: ' male' });
  assert.deepEqual(words('gender', ['F', 'M', 'x']), { F: ' F', M: ' M', x: ' x' });
  assert.deepEqual(words('job', ['self_employed', 'none']), { self_employed: ' self employed', none: ' none' });
});

test('a default template can be parsed whatever the attribute is called, and ends words that begin others', () => {
  assert.equal(
    profileTemplate('age_group', [' under 25', ' 25-34']),
    '[soft:20]One person chose: {history|keep=end}. Their age group:{label}',
  );
  assert.ok(profileTemplate('job', [' sales', ' sales manager']).endsWith('{label}.'));
  const { parts } = parseTemplate(profileTemplate('a{b}[soft:2]\\', [' x', ' y']));
  assert.deepEqual(
    parts.map(({ kind }) => kind),
    ['learned', 'words', 'slot', 'words', 'label'],
  );
});
