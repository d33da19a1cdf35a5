import { text, toggle } from '../options/kind.js';
import { declareOptions, optionGroup } from '../options/option.js';

const CACHE = declareOptions({
  cacheFolder: { kind: text('<folder>'), about: 'where converted weights are kept', flag: 'cache' },
});
const HUB = declareOptions({
  revision: { kind: text('<name>'), about: 'branch, tag or commit on the model hub' },
  token: { kind: text('<token>'), about: 'access token of the model hub', auto: 'HF_TOKEN' },
  endpoint: { kind: text('<url>'), about: 'host of the model hub or a mirror', auto: 'HF_ENDPOINT' },
  offline: { kind: toggle, about: 'use only what is on this machine', auto: 'HF_HUB_OFFLINE' },
});

/** Where a model is found, and where what is made of it is kept. */
export const LOADING = declareOptions({ ...CACHE, hub: optionGroup(HUB) });

const { endpoint: _hubOnly, ...besideEndpoint } = HUB;
/** The same where `--endpoint` is another address: HF_ENDPOINT alone says the hub's. */
export const LOADING_BESIDE_ENDPOINT = declareOptions({ ...CACHE, hub: optionGroup(besideEndpoint) });

/** The frozen model of what was learned, where it has moved since. */
export const MOVED_MODEL = declareOptions({
  model: { kind: text('<model>'), about: 'another place of the frozen model', auto: 'as it was learned with' },
});
