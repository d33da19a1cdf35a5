import { SoftpromptError } from '../errors.js';
import type { EmbeddingMatrix } from '../weights/embedding-matrix.js';
import { readSafetensorsHeader, readTensorAsFloat32 } from '../weights/safetensors.js';

const DTYPES = ['F32', 'F16', 'BF16'];

/**
 * Reads a safetensors file that holds the matrix `name` and nothing else, as F32, F16 or BF16.
 * Errors: PROMPT_TENSOR_INVALID; SAFETENSORS_INVALID and MODEL_FILE_UNREADABLE of the file itself.
 */
export async function readEmbeddingFile(path: string, name: string): Promise<EmbeddingMatrix> {
  const file = await readSafetensorsHeader(path);
  const tensor = file.tensors.get(name);
  if (tensor === undefined || file.tensors.size > 1) {
    const names = [...file.tensors.keys()].join(', ') || 'nothing';
    throw invalid(path, `it holds ${names}`, `one tensor, ${name}`);
  }
  if (!DTYPES.includes(tensor.dtype)) {
    throw invalid(path, `${name} has the number type ${tensor.dtype}`, DTYPES.join(', '));
  }
  const [tokens, width] = tensor.shape;
  if (tensor.shape.length !== 2 || !tokens || !width) {
    throw invalid(path, `${name} has the shape [${tensor.shape.join(', ')}]`, '[learned tokens, model width]');
  }
  const matrix = { values: await readTensorAsFloat32(file, name), tokens, width };
  checkFinite(matrix, `${path}: ${name}`);
  return matrix;
}

/** Checks that every value is a finite number. `where` names the matrix. Errors: PROMPT_TENSOR_INVALID. */
export function checkFinite({ values, width }: EmbeddingMatrix, where: string): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1) {
    const token = Math.floor(wrong / width);
    throw invalid(where, `learned token ${token} holds ${values[wrong]}`, 'finite numbers');
  }
}

function invalid(where: string, found: string, expected: string): SoftpromptError {
  return new SoftpromptError('PROMPT_TENSOR_INVALID', {
    found: `${where} is no learned prompt: ${found}`,
    expected,
    fix: 'Tune the prompt again, or take an undamaged copy.',
  });
}
