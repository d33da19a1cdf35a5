import { text, whole } from '../options/kind.js';
import { declareOptions } from '../options/option.js';

const store = {
  kind: text('<place>'),
  about: "where a service keeps interactions: postgres://…, or a stopped service's folder",
  auto: 'DATABASE_URL where it is set',
} as const;

/** Of `softprompt interactions export`. */
export const EXPORT_INTERACTIONS = declareOptions({
  store,
  out: { kind: text('<file>'), about: 'file of JSON lines to write', required: 'the file to write' },
  user: { kind: text('<id>'), about: 'only what this user did' },
  after: { kind: whole(0), about: 'only events behind this sequence number, such as the last of an earlier export' },
});

/** Of `softprompt interactions forget`. */
export const FORGET_USER = declareOptions({
  store,
  user: { kind: text('<id>'), about: 'whose interactions are removed', required: 'the id of a user' },
});
