import type { LoadModelOptions } from '../network/load-model.js';
import type { Output } from './output.js';

const MIB = 2 ** 20;

/** Shows downloads and conversions of a model, which take long the first time, and what is to be known of its tokenizer. */
export function loadingProgress(options: LoadModelOptions, output: Output): LoadModelOptions {
  const mebibytes = (bytes: number) => Math.ceil(bytes / MIB);
  return {
    hub: {
      ...options.hub,
      onProgress: ({ file, bytes, totalBytes }) => {
        output.event({ event: 'download', file, bytes, totalBytes });
        output.progress(`downloading ${file}`, mebibytes(bytes), mebibytes(totalBytes ?? bytes), 'MiB');
      },
    },
    onNote: (text) => output.note(text),
    onConversion: ({ step, doneBytes, totalBytes }) => {
      output.progress(`${step} the weights`, mebibytes(doneBytes), mebibytes(totalBytes), 'MiB');
    },
  };
}
