import { parse, relative } from 'node:path';
import { emitOnnx, type WeightPlace } from '../autodiff/emit-onnx.js';
import { loadOptional } from '../optional-package.js';
import { openOnnxSession } from './onnx-session.js';
import type { Runtime, Session, SessionModel, SessionOptions } from './runtime.js';

/**
 * `onnxruntime-node`: the only place that loads it.
 * @throws RUNTIME_UNAVAILABLE
 */
export function loadNative(): Promise<typeof import('onnxruntime-node')> {
  return loadOptional(
    {
      name: 'onnxruntime-node',
      title: 'ONNX Runtime',
      code: 'RUNTIME_UNAVAILABLE',
      purpose: 'to compute with',
      flags: '--ignore-scripts', // its script fetches CUDA libraries from elsewhere, and fails where it cannot
      platforms: 'Linux with glibc (not Alpine) and Windows, x64 or arm64, and macOS on Apple silicon',
    },
    () => import('onnxruntime-node'),
  );
}

/** Weights are mapped where they lie: ONNX names a file below a folder, which is the root of the file system. */
export const lowerNative: Runtime['lower'] = (results, packed) => {
  let root: string | undefined;
  const place = ({ file, offset }: WeightPlace) => {
    root ??= parse(file).root;
    return { location: relative(root, file).replaceAll('\\', '/'), offset };
  };
  return emitOnnx(results, place, packed);
};

export async function openNative(model: SessionModel, options: SessionOptions): Promise<Session> {
  const [first] = model.weights;
  return openOnnxSession(await loadNative(), model, options, {
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(first && { extra: { session: { model_external_initializers_file_folder_path: parse(first.file).root } } }),
  });
}
