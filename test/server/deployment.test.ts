/** What `Dockerfile` and `deploy/` say, against what there is: files, options, addresses. No image is built here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { SERVE } from '../../src/server/serve-options.js';

const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ');
const named = (option: string) =>
  `SOFTPROMPT_${(SERVE as Record<string, { readonly flag?: string | null }>)[option]?.flag ?? option}`
    .replace(/[A-Z]/g, (letter, at: number) => (at > 11 ? `_${letter}` : letter))
    .toUpperCase();
const VARIABLES = new Set(['SOFTPROMPT_FOLDERS', ...Object.keys(SERVE).map(named)]);

describe('the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  let server: RunningServer;
  before(async () => {
    server = await serve({ folders: [folder], port: 0, log: false });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('copies what there is, and starts what it has copied', () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/build\/(\S+)/gm)].map(([, path]) => path!);
    assert.ok(copied.includes('dist/src') && copied.includes('models'));
    for (const path of copied) assert.ok(existsSync(path), path);
    const [, entry] = /^ENTRYPOINT \["node", "\/app\/([^"]+)"\]/m.exec(dockerfile)!;
    assert.ok(existsSync(entry!) && copied.some((path) => entry!.startsWith(`${path}/`)));
    assert.match(dockerfile, /^USER node$/m);
  });

  it('sets variables that are read', () => {
    const set = [...dockerfile.matchAll(/\b(SOFTPROMPT_\w+)=/g)].map(([, name]) => name!);
    assert.ok(set.length >= 4);
    for (const name of set) assert.ok(VARIABLES.has(name), name);
  });

  it('knows a service that is ready from one that is not', async () => {
    const [, check] = /HEALTHCHECK.*? CMD (\[.*\])$/m.exec(dockerfile)!;
    const [command, ...args] = JSON.parse(check!) as string[];
    const run = (port: string) =>
      promisify(execFile)(command!, args, { env: { ...process.env, SOFTPROMPT_PORT: port } }).then(
        () => 0,
        ({ code }: { code: number }) => code,
      );
    assert.equal(await run(new URL(server.url).port), 0);
    assert.equal(await run('1'), 1);
  });
});

describe('deploy/', () => {
  it('holds a compose file whose parts fit', () => {
    const { services, volumes } = parse(readFileSync('deploy/compose.yaml', 'utf8'));
    const { softprompt, postgres } = services;
    assert.ok(existsSync(join('deploy', softprompt.build, 'Dockerfile')));
    const [, user, host, database] = /^postgres:\/\/(\w+):[^@]+@(\w+)\/(\w+)$/.exec(
      softprompt.environment.DATABASE_URL,
    )!;
    assert.deepEqual(
      [user, database, host],
      [postgres.environment.POSTGRES_USER, postgres.environment.POSTGRES_DB, 'postgres'],
    );
    assert.equal(softprompt.depends_on.postgres.condition, 'service_healthy');
    assert.ok(postgres.healthcheck.test.join(' ').includes(user));
    for (const service of [softprompt, postgres]) {
      for (const volume of service.volumes) {
        const [from] = volume.split(':');
        assert.ok(from.startsWith('.') || from in volumes, volume);
      }
    }
    for (const published of softprompt.ports) assert.match(published, /^127\.0\.0\.1:/, 'a proxy stands in front');
  });

  it('holds three services behind a proxy, on one database', () => {
    const { services, volumes, configs } = parse(readFileSync('deploy/replicas.compose.yaml', 'utf8'), { merge: true });
    const alone = parse(readFileSync('deploy/compose.yaml', 'utf8')).services;
    const names = ['softprompt-1', 'softprompt-2', 'softprompt-3'];
    for (const name of names) {
      assert.equal(services[name].environment.DATABASE_URL, alone.softprompt.environment.DATABASE_URL);
      assert.equal(services[name].ports, undefined, 'the proxy alone is reached');
    }
    assert.deepEqual(services.postgres, alone.postgres);
    assert.deepEqual(Object.keys(volumes), ['data', 'postgres']);
    const [, asked] = /reverse_proxy (.*) \{/.exec(configs.caddyfile.content)!;
    assert.deepEqual(
      asked!.split(' '),
      names.map((name) => `${name}:8080`),
    );
    assert.match(configs.caddyfile.content, /health_uri \/ready/);
    assert.match(services.proxy.ports[0], /^127\.0\.0\.1:/);
  });

  it('holds a systemd unit that starts what the package has', () => {
    const unit = readFileSync('deploy/softprompt.service', 'utf8');
    const [, script, rest] = /^ExecStart=\S+ node \/opt\/softprompt\/node_modules\/softprompt\/(\S+) (.*)$/m.exec(
      unit,
    )!;
    assert.ok(existsSync(script!));
    const words = rest!.split(' ');
    const written = /^ReadWritePaths=(.*)$/m.exec(unit)![1]!;
    assert.ok(words[0] === 'serve' && words[1]!.startsWith(`${written}/`), 'who is erased leaves the folders too');
    assert.ok(words.includes('--config'));
    assert.doesNotMatch(unit, /^User=root/m);
  });
});
