const MOST_NAMED = 6;

/** An instruction that names the label words, in the language of the last of them. */
export function question(labels: Readonly<Record<string, string>>): string {
  const words = Object.values(labels)
    .slice(0, MOST_NAMED)
    .map((word) => word.trim());
  const last = words.at(-1)!;
  if (/\p{Script=Han}/u.test(last)) return `这是${words.slice(0, -1).join('、')}还是${last}？`;
  return `Is it ${words.slice(0, -1).join(', ')} or ${last}?`;
}
