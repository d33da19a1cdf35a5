import { SoftpromptError } from '../errors.js';
import { addKey } from '../server/access.js';
import { serve } from '../server/serve.js';
import { SERVE } from '../server/serve-options.js';
import type { ShelfEvent } from '../server/shelf.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';

export async function serveCommand(named: readonly string[], flags: Flags & SharedFlags): Promise<void> {
  const { addKey: name, scopes, ...options } = optionsFrom(SERVE, flags);
  const output = createOutput(flags.json ?? false);
  if (name !== undefined) {
    const file = options.keys ?? 'keys.json';
    const key = await addKey(file, name, scopes ?? ['ask', 'record']);
    output.result({ key, name, file });
    output.say(`${key}\nThis key is shown once; ${file} holds its hash alone.`);
    return;
  }
  const { SOFTPROMPT_FOLDERS: listed, DATABASE_URL: database } = process.env;
  const folders = named.length > 0 ? named : (listed?.split(',') ?? []);
  if (folders.length === 0) {
    throw new SoftpromptError('FLAG_MISSING', {
      found: 'no folder is named',
      expected: 'the folders of prompts or recommenders',
      fix: 'Say npx softprompt serve FOLDER: one that tune or recommend fit has made, or one that holds several.',
    });
  }
  const stop = new Promise<void>((resolve) => {
    abortOnInterrupt(() => resolve());
  });
  const server = await serve({
    ...options,
    folders,
    store: options.store ?? (database || undefined),
    cacheFolder: modelOptions(flags).cacheFolder,
    onEvent: (event) => output.say(describe(event)),
  });
  const { prompts, recommenders } = server.service.shelf;
  output.event({ event: 'listening', url: server.url });
  output.say(
    `Serving ${prompts.length} prompts and ${recommenders.length} recommenders at ${server.url} (try them: ${server.url}/docs)`,
  );
  for (const { model, weightBytes } of server.service.models.holds) {
    output.say(`Holds    ${model}, ${Math.round(weightBytes / 2 ** 20)} MiB of weights`);
  }
  await stop;
  output.say('Stopping: what was asked is answered …');
  await server.close();
}

function describe(event: ShelfEvent): string {
  const what = `${event.kind} ${event.name}`;
  if (event.event === 'loaded') return `Loaded   ${what}, version ${event.version}`;
  if (event.event === 'removed') return `Removed  ${what}`;
  const why = event.error instanceof Error ? event.error.message : String(event.error);
  return `Refused  ${what}: ${why}`;
}
