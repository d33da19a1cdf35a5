/** Paths that documents name are there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const DOCUMENTS = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/conventions.md'];
const FOLDERS = /^(src|test|compare|bench|scripts|docs|models)\/[\w./-]+$/;

for (const document of [...DOCUMENTS, 'docs/recommendation.md', 'docs/pretraining.md', 'docs/templates.md']) {
  test(`${document} names files and folders that exist`, () => {
    // what is bold there is not written yet, and NAME stands for a name
    const text = readFileSync(document, 'utf8').replaceAll(/\*\*`[^`]*`\*\*/g, '');
    const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path!).filter((path) => FOLDERS.test(path));
    assert.deepEqual(
      named.filter((path) => !path.includes('NAME') && ![path, `${path}.ts`].some((name) => existsSync(name))),
      [],
    );
  });
}

test('docs/architecture.md names every room of the house', () => {
  const table = readFileSync('docs/architecture.md', 'utf8');
  const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(
    rooms.map(({ name }) => name).filter((name) => !table.includes(`| \`${name}\``)),
    [],
  );
});

test("the site's menu has every page of docs/, and no other", () => {
  const config = readFileSync('site/.vitepress/config.mjs', 'utf8');
  const listed = [...config.matchAll(/link: '\/([\w/-]+)'/g)].map(([, page]) => page!);
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && path !== 'index.md')
    .map((path) => path.replaceAll('\\', '/').slice(0, -3));
  assert.deepEqual([...new Set(listed)].sort(), pages.sort());
});
