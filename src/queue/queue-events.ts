/** What a client tells of the parts that workers do. */
export type QueueEvent =
  | { readonly event: 'queued'; readonly parts: number; readonly workers: number }
  | { readonly event: 'part'; readonly part: string; readonly worker: string | undefined; readonly told: object }
  | {
      readonly event: 'part ended';
      readonly part: string;
      readonly job: string;
      readonly worker: string | undefined;
      readonly seconds: number;
      readonly done: number;
      readonly all: number;
    }
  | { readonly event: 'note'; readonly text: string };
