import { loadOptional } from '../optional-package.js';

/**
 * ONNX Runtime: the only place that loads it.
 * @throws RUNTIME_UNAVAILABLE
 */
export function onnxRuntime(): Promise<typeof import('onnxruntime-node')> {
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
