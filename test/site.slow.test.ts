/** The site of the documents can be built: no link is dead, and each page is there. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-site-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const reachable =
  spawnSync('npm', ['view', 'vitepress', 'version', '--fetch-retries=0', '--fetch-timeout=10000'], { cwd: folder })
    .status === 0;

test('the site is built of docs/, every page of it', {
  skip: reachable ? false : 'no npm registry can be reached',
}, () => {
  const site = join(folder, 'site');
  for (const name of ['site', 'docs']) cpSync(name, join(folder, name), { recursive: true });
  const run = (...words: string[]) => execFileSync('npm', words, { cwd: site, stdio: 'pipe' });
  run('install', '--ignore-scripts', '--no-audit', '--no-fund');
  run('run', '-s', 'build');
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
  const missing = pages.filter((path) => !existsSync(join(site, 'dist', path.replace(/\.md$/, '.html'))));
  assert.deepEqual(missing, []);
  const page = readFileSync(join(site, 'dist', 'tasks', 'recommend-products.html'), 'utf8');
  assert.match(page, /softprompt recommend fit/);
});
