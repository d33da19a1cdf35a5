import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeFileAtomically } from './atomic-file.js';
import { writeFailure } from './write-failure.js';

const root = mkdtempSync(join(tmpdir(), 'softprompt-failure-'));
after(() => rmSync(root, { recursive: true }));

test('each failure of the file system has its own remedy, and none but a full disk speaks of space', async () => {
  writeFileSync(join(root, 'file'), '');
  mkdirSync(join(root, 'folder', 'inside'), { recursive: true });
  symlinkSync('circle', join(root, 'circle'));
  symlinkSync('/nowhere/at/all', join(root, 'dangling'));
  const places: [string, RegExp][] = [
    [join(root, 'file', 'x.json'), /one of them is a file/],
    [join(root, 'file', 'deeper', 'x.json'), /one of them is a file/],
    [join(root, 'folder'), /a folder of this name/],
    [join(root, 'n'.repeat(300)), /255 bytes a name/],
    [join(root, 'circle', 'x.json'), /in a circle|one of them is a file/],
    [join(root, 'dangling', 'x.json'), /lead nowhere|one of them is a file/],
  ];
  for (const [path, expected] of places) {
    await assert.rejects(writeFileAtomically(path, 'x'), (error) => {
      const failure = writeFailure(error, 'another file');
      assert.match(failure!.expected, expected, path);
      assert.match(failure!.fix, /choose another file\.$/);
      assert.doesNotMatch(failure!.fix, /space/);
      return true;
    });
  }
});

test('codes that a test cannot bring about, and libraries that only word them', () => {
  const failed = (code: string) => Object.assign(new Error(`${code}: something`), { code, syscall: 'write' });
  const codes: [string, RegExp][] = [
    ['ENOSPC', /^Free some space/],
    ['EDQUOT', /quota/],
    ['EROFS', /Mount it for writing/],
    ['EACCES', /permissions/],
    ['EPERM', /permissions/],
    ['EMFILE', /ulimit -n/],
    ['EBUSY', /Close the program/],
    ['EIO', /Check the disk/],
    ['EUNKNOWN', /Check the place/],
  ];
  for (const [code, fix] of codes) assert.match(writeFailure(failed(code))!.fix, fix, code);
  const worded: [string, RegExp][] = [
    ['IO Error: Could not write file "x": No space left on device', /space/],
    ['IO Error: Cannot open file "x": Permission denied', /permissions/],
    ['IO Error: Cannot open file "x": Read-only file system', /Mount/],
  ];
  for (const [message, fix] of worded) assert.match(writeFailure(new Error(message))!.fix, fix);
  for (const other of [new RangeError('Invalid string length'), 'text', undefined]) {
    assert.equal(writeFailure(other), undefined);
  }
});
