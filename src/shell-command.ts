/** A call of softprompt that works where it is printed: `npx` finds it in a project, in a checkout and beside Node. */
export function softpromptCommand(...words: readonly string[]): string {
  return ['npx softprompt', ...words.map((word) => shellWord(word))].join(' ');
}

/** A word of a command line, in quotes where a shell would take it apart. */
export function shellWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (/^[\p{L}\p{N}_./:@%+=,-]+$/u.test(word) || (platform === 'win32' && /^[\w.\\/:@+=,-]+$/.test(word))) return word;
  if (platform === 'win32') return `"${word.replaceAll('"', '\\"')}"`;
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
}
