/** Seconds since 1970 as an ISO 8601 date; numbers that are beyond all dates stay as they are. */
export function showTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

/** The same for people: to the minute, or to the second where that says more. */
export const tellTime = (seconds: number): string =>
  showTime(seconds)
    .replace(/(:00)?\.000Z$/, '')
    .replace('T', ' ');
