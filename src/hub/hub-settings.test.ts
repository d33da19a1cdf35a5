import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hubCacheFolder, hubSettings } from './hub-settings.js';

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'softprompt-hub-home-'));
  await writeFile(join(home, 'token'), 'hf_file\n');
  await writeFile(join(home, 'other-token'), 'hf_other');
  await mkdir(join(home, 'empty'));
});
after(() => rm(home, { recursive: true }));

describe('hubCacheFolder', () => {
  it("follows huggingface_hub's variables in its order; an empty one counts as unset", () => {
    const standard = join(homedir(), '.cache', 'huggingface', 'hub');
    assert.equal(hubCacheFolder({}), standard);
    assert.equal(hubCacheFolder({ HF_HUB_CACHE: '', HF_HOME: '' }), standard);
    assert.equal(hubCacheFolder({ XDG_CACHE_HOME: '/x' }), resolve('/x/huggingface/hub'));
    assert.equal(hubCacheFolder({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }), resolve('/h/hub'));
    assert.equal(hubCacheFolder({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }), resolve('/old'));
    assert.equal(hubCacheFolder({ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '~/c' }), join(homedir(), 'c'));
  });
});

describe('hubSettings', () => {
  it('takes the token from the options, the environment, a file', async () => {
    const token = async (env: Record<string, string>, options = {}) => (await hubSettings(options, env)).token;
    assert.equal(await token({ HF_HOME: home }), 'hf_file');
    assert.equal(await token({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'other-token') }), 'hf_other');
    assert.equal(await token({ HF_HOME: home, HF_TOKEN: ' hf_env\n' }), 'hf_env');
    assert.equal(await token({ HF_HOME: home, HF_TOKEN: 'hf_env' }, { token: 'hf_option' }), 'hf_option');
    assert.equal(await token({ HF_HOME: join(home, 'empty') }), undefined);
  });

  it('takes endpoint, cache folder and offline mode from the options or the environment', async () => {
    const nothing = await hubSettings({}, { HF_HOME: join(home, 'empty') });
    assert.equal(nothing.endpoint, 'https://huggingface.co');
    assert.equal(nothing.offline, false);
    const env = { HF_HOME: home, HF_ENDPOINT: 'https://hf-mirror.com/', HF_HUB_OFFLINE: '1' };
    const mirrored = await hubSettings({}, env);
    assert.equal(mirrored.endpoint, 'https://hf-mirror.com');
    assert.equal(mirrored.offline, true);
    const given = await hubSettings({ endpoint: 'http://localhost:1', cacheFolder: '/c', offline: false }, env);
    assert.deepEqual([given.endpoint, given.cacheFolder, given.offline], ['http://localhost:1', resolve('/c'), false]);
    for (const [value, offline] of [
      ['true', true],
      ['YES', true],
      ['0', false],
      ['', false],
    ] as const) {
      assert.equal((await hubSettings({}, { HF_HOME: home, TRANSFORMERS_OFFLINE: value })).offline, offline, value);
    }
  });

  it('refuses what is no address and what is no token, without showing the token', async () => {
    for (const HF_ENDPOINT of ['hf-mirror.com', 'ftp://hf-mirror.com', 'https://me:secret@hf-mirror.com', 'https://']) {
      await assert.rejects(hubSettings({}, { HF_HOME: home, HF_ENDPOINT }), { code: 'HUB_ENDPOINT_INVALID' });
    }
    for (const token of ['“hf_x”', 'hf_ x', 'hf_x\nX-Evil: 1']) {
      const isHidden = (error: Error): boolean => !error.message.includes('hf_') && /HF_TOKEN/.test(error.message);
      await assert.rejects(hubSettings({ token }, {}), isHidden);
    }
  });
});
