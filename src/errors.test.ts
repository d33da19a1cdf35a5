import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES } from './errors.js';

interface Entry {
  readonly stage: string;
  readonly code: string;
  readonly meaning: string;
}

describe('error codes', () => {
  const source = readFileSync('src/errors.ts', 'utf8');
  const listed = documented(readFileSync('docs/errors.md', 'utf8'));

  it('stand in docs/errors.md, with the same meaning, stage and order', () => {
    const meanings: Readonly<Record<string, string>> = ERROR_CODES;
    const stages = stagesOf(source);
    const expected = Object.keys(ERROR_CODES).map((code) => ({
      stage: stages.get(code),
      code,
      meaning: meanings[code],
    }));
    assert.deepEqual(listed, expected);
  });

  it('are all raised somewhere', () => {
    const code = sources().join('\n');
    const unused = Object.keys(ERROR_CODES).filter((name) => !code.includes(`'${name}'`));
    assert.deepEqual(unused, []);
  });
});

describe('what messages tell people to do', () => {
  const lines = sources().flatMap((text) => text.split('\n').filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)));
  const without = (told: RegExp, needed: RegExp) => lines.filter((line) => told.test(line) && !needed.test(line));

  it('is a command that works where it is printed', () => {
    const called = /[`(:] ?softprompt (start|tune|resume|pretrain|evaluate|predict|inspect|recommend|data|doctor)\b/;
    assert.deepEqual(without(called, /npx/), []);
  });

  it('names the flag', () => {
    assert.deepEqual(without(/allow overwriting/, /--overwrite/), []);
    assert.deepEqual(without(/fix:.*\b[Nn]ame (the|another) column\b/, /--[\w$]/), []);
    assert.deepEqual(without(/fix:.*(skipped|leave .*rows out)/, /--[\w$]/), []);
  });
});

/** The text of every source file but tests and the list of codes. */
function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'errors.ts')
    .map((name) => readFileSync(join('src', name), 'utf8'));
}

/** The rows of the tables under `## stage`; each has a cause and an advice too. */
function documented(text: string): Entry[] {
  let stage = '';
  return text.split('\n').flatMap((line) => {
    stage = /^## (\w+)$/.exec(line)?.[1] ?? stage;
    const row = /^\| `(\w+)` \| (.+?) \| (\S.*) \| (\S.*) \|$/.exec(line);
    return row === null ? [] : [{ stage, code: row[1]!, meaning: row[2]! }];
  });
}

/** Code → the `// stage` comment above it. */
function stagesOf(source: string): Map<string, string> {
  const stages = new Map<string, string>();
  let stage = '';
  for (const line of source.split('\n')) {
    stage = /^ {2}\/\/ (\w+)$/.exec(line)?.[1] ?? stage;
    const code = /^ {2}([A-Z_]+):/.exec(line)?.[1];
    if (code !== undefined) stages.set(code, stage);
  }
  return stages;
}
