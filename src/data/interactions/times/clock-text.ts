/** What stands after a date: seconds of its day, less the zone's offset. */
export interface ClockText {
  readonly seconds: number;
  readonly zoned: boolean;
}

const ZONE = String.raw`(?:Z|UTC|GMT)?\s?(?:([+-])(\d{2}):?(\d{2})?)?(?:\s?\(.*\)|\[.*\])?`;
const HALF = String.raw`[ap]\.?m\.?`;
const CLOCK = new RegExp(
  String.raw`^(上午|下午|晚上|凌晨|中午)?\s?(\d{1,2})[:时点](\d{2})(?:[:分](\d{2}(?:[.,]\d+)?)?秒?)?\s?(${HALF})?\s?(?:${ZONE})$`,
  'i',
);
const PACKED = new RegExp(String.raw`^(\d{2})(\d{2})(\d{2}(?:\.\d+)?)?\s?(?:${ZONE})$`, 'i');
const NAMES_ZONE = /(?:Z|UTC|GMT)|[+-]\d{2}:?(?:\d{2})?(?:\s?\(.*\)|\[.*\])?$/i;

const MIDNIGHT: ClockText = { seconds: 0, zoned: false };

/** `9:01:20 AM`, `10:31`, `12:00:00.5Z`, `上午9:05`, `120000Z`, or nothing; undefined where it is no time of day. */
export function readClock(text: string): ClockText | undefined {
  if (text === '') return MIDNIGHT;
  const packed = PACKED.exec(text);
  const parts = packed ? [packed[0], '', packed[1], packed[2], packed[3], '', ...packed.slice(4)] : CLOCK.exec(text);
  if (!parts) return undefined;
  const [, chinese, hours, minutes, seconds = '0', half, sign, zoneHours = '0', zoneMinutes = '0'] = parts;
  const hour = hourOfDay(Number(hours), half || chinese || '');
  const minute = Number(minutes);
  const second = Number(seconds.replace(',', '.'));
  if (hour === undefined || minute > 59 || second >= 61 || (hour === 24 && minute + second > 0)) return undefined;
  if (Number(zoneHours) > 23 || Number(zoneMinutes) > 59) return undefined;
  const zone = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 3600 + Number(zoneMinutes) * 60);
  return { seconds: hour * 3600 + minute * 60 + second - zone, zoned: NAMES_ZONE.test(text) };
}

/** Of 24 hours; undefined where the half of the day forbids it. */
function hourOfDay(hour: number, half: string): number | undefined {
  if (half === '') return hour <= 24 ? hour : undefined;
  if (/^[ap]/i.test(half)) {
    if (hour < 1 || hour > 12) return undefined;
    return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  if (hour > 24) return undefined;
  if (half === '下午' || half === '晚上') return hour < 12 ? hour + 12 : hour;
  return half === '中午' && hour < 3 ? hour + 12 : half === '中午' ? hour : hour % 12;
}
