/** Seconds since 1970 as an ISO 8601 date; numbers that are beyond all dates stay as they are. */
export function showTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
