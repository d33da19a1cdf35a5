import type { HubProgress } from '../hub/hub.js';
import type { CheckpointProgress } from '../network/checkpoint/open-checkpoint.js';
import type { LoadModelOptions } from '../network/load-model.js';
import type { PretrainingEvent } from '../pretraining/pretrain-model.js';
import type { FitEvent } from '../recommend/fit-events.js';
import type { TuneEvent } from '../tasks/tune-events.js';

/** What loading a model tells. */
export type LoadEvent =
  | ({ readonly event: 'download' } & HubProgress)
  | ({ readonly event: 'conversion' } & CheckpointProgress)
  | { readonly event: 'note'; readonly text: string };

/** All that anything tells while it goes, told apart by `event`. Each verb tells some of it. */
export type ProgressEvent = LoadEvent | TuneEvent | FitEvent | PretrainingEvent;

/** What every verb takes that may last. */
export interface Watching<Event extends ProgressEvent = ProgressEvent> {
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Ends it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Where and how a model is found; what stands here goes before the environment. */
export interface ModelOptions<Event extends ProgressEvent = LoadEvent> extends Watching<Event> {
  /** Branch, tag or commit of a hub model. Default: main. */
  readonly revision?: string | undefined;
  /** One GGUF file of a hub's repository. */
  readonly file?: string | undefined;
  /** Default: HF_TOKEN, or what `hf auth login` stored. */
  readonly token?: string | undefined;
  /** The hub or a mirror of it. Default: HF_ENDPOINT, then https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /** Never touch the network. Default: HF_HUB_OFFLINE. */
  readonly offline?: boolean | undefined;
  /** Where converted weights are kept. Default: SOFTPROMPT_CACHE, then ~/.cache/softprompt. */
  readonly cacheFolder?: string | undefined;
  /** Threads of the computations. Default: one a core. */
  readonly threads?: number | undefined;
}

/** The same for the layers below. */
export function loadingOptions({ onEvent, signal, cacheFolder, ...options }: ModelOptions): LoadModelOptions {
  const { revision, file, token, endpoint, offline } = options;
  const given = Object.entries({ revision, file, token, endpoint, offline, signal });
  return {
    cacheFolder,
    hub: {
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      onProgress: (progress) => onEvent?.({ event: 'download', ...progress }),
    },
    onNote: (text) => onEvent?.({ event: 'note', text }),
    onConversion: (progress) => onEvent?.({ event: 'conversion', ...progress }),
  };
}
