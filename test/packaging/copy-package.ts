import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Lays this package, as it is built, into a project's `node_modules`, with links to what it depends on.
 * @param absent packages that are left out
 * @param broken package → the script that stands in its place
 */
export function copyPackage(project: string, absent: readonly string[], broken: Readonly<Record<string, string>> = {}) {
  const modules = join(project, 'node_modules');
  const copy = join(modules, 'softprompt');
  cpSync('package.json', join(copy, 'package.json'));
  const kept = (path: string) => !/\.(map|test\.(js|d\.ts))$/.test(path);
  cpSync('dist/src', join(copy, 'dist/src'), { recursive: true, filter: kept });
  for (const folder of ['models', 'samples']) symlinkSync(resolve(folder), join(copy, folder));
  for (const name of installed()) {
    if (absent.includes(name) || name in broken) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join('node_modules', name)), join(modules, name));
  }
  for (const [name, script] of Object.entries(broken)) {
    mkdirSync(join(modules, name), { recursive: true });
    writeFileSync(join(modules, name, 'index.js'), script);
  }
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  return {
    /** Runs the copy's command line, without network. */
    softprompt: (args: readonly string[], cwd = project): Said => {
      const main = join(copy, 'dist/src/cli/main.js');
      const env = { ...process.env, HF_HUB_OFFLINE: '1', NO_COLOR: '1', SOFTPROMPT_CACHE: join(project, 'cache') };
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd, env, encoding: 'utf8' });
      return { code: status, stdout, stderr };
    },
  };
}

/** The packages of the checkout's `node_modules`, those with a scope as `@scope/name`. */
function installed(): string[] {
  return readdirSync('node_modules')
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join('node_modules', name)).map((inner) => `${name}/${inner}`) : [name],
    );
}
