import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { applyConfigFile } from './config-file.js';
import { addSelectionFlags, type SelectionFlags, selectionOptions } from './selection-flags.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-selection-'));
after(() => rmSync(folder, { recursive: true }));

async function boostsOf(yaml: string, ...words: string[]) {
  const path = join(folder, 'run.yaml');
  writeFileSync(path, yaml);
  const command = addSelectionFlags(new Command('for').option('--config <file>'))
    .hook('preAction', (_, called) => applyConfigFile(called))
    .action(() => {});
  await command.parseAsync(['--config', path, ...words], { from: 'user' });
  return (await selectionOptions(command.opts<SelectionFlags>())).boosts;
}

test('several boosts, from the command line and from a file', async () => {
  const both = [
    { where: "style = 'a:b'", add: -2 },
    { where: 'year IN (1, 2)', add: 0.5 },
  ];
  assert.deepEqual(await boostsOf('k: 3', '--boost', "style = 'a:b':-2", '--boost', 'year IN (1, 2):0.5'), both);
  assert.deepEqual(await boostsOf(`boost: ["style = 'a:b':-2", "year IN (1, 2):0.5"]`), both);
  assert.deepEqual(await boostsOf('boost: year IN (1, 2):0.5'), both.slice(1));
  assert.equal(await boostsOf('k: 3'), undefined);
});

test('a boost without a condition or a number is refused', async () => {
  for (const boost of ['year > 1990', ':1', 'year > 1990:', 'year > 1990:much']) {
    await assert.rejects(boostsOf('k: 3', '--boost', boost), { code: 'RECOMMEND_FILTER' }, boost);
  }
});
