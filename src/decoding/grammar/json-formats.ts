const DAYS =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))';
const DATE = `[12]\\d{3}-${DAYS}`;
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const NAME = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';

/** Texts of JSON Schema's formats: not all that have the format, but none that has not. */
export const JSON_FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE}T${TIME}`,
  email: `[a-z0-9]+(?:[._-][a-z0-9]+){0,4}@${NAME}(?:\\.${NAME}){0,2}\\.[a-z]{2,6}`,
  hostname: `${NAME}(?:\\.${NAME}){0,3}`,
  ipv4: `${BYTE}(?:\\.${BYTE}){3}`,
  uri: `https?://${NAME}(?:\\.${NAME}){1,3}(?:/[A-Za-z0-9._~-]{1,40}){0,6}`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
};
