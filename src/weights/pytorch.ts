import { SoftpromptError } from '../errors.js';
import { type OpenFile, readExactly, withOpenFile } from '../files/read-bytes.js';
import { PickleError, PickleGlobal, PickleTuple, type PickleValue, type PickleWorld, readPickle } from './pickle.js';
import { countValues, type StoredTensor } from './stored-tensor.js';
import { entryData, readZipDirectory, type ZipEntry } from './zip-entries.js';

/** Bytes of a number of each kind of storage, and what safetensors calls the type. */
const STORAGES: Readonly<Record<string, { readonly dtype: string; readonly bytes: number }>> = {
  'torch.FloatStorage': { dtype: 'F32', bytes: 4 },
  'torch.HalfStorage': { dtype: 'F16', bytes: 2 },
  'torch.BFloat16Storage': { dtype: 'BF16', bytes: 2 },
  'torch.DoubleStorage': { dtype: 'F64', bytes: 8 },
  'torch.LongStorage': { dtype: 'I64', bytes: 8 },
  'torch.IntStorage': { dtype: 'I32', bytes: 4 },
  'torch.ShortStorage': { dtype: 'I16', bytes: 2 },
  'torch.CharStorage': { dtype: 'I8', bytes: 1 },
  'torch.ByteStorage': { dtype: 'U8', bytes: 1 },
  'torch.BoolStorage': { dtype: 'BOOL', bytes: 1 },
};

const DICTIONARY = 'collections.OrderedDict';
const TENSOR = 'torch._utils._rebuild_tensor_v2';
const OLD_TENSOR = 'torch._utils._rebuild_tensor';
const PARAMETER = 'torch._utils._rebuild_parameter';
const ALLOWED: ReadonlySet<string> = new Set([DICTIONARY, TENSOR, OLD_TENSOR, PARAMETER, ...Object.keys(STORAGES)]);

/** More than the pickle of any model takes: it holds names and sizes, no numbers. */
const LARGEST_PICKLE = 1 << 27;

interface Storage {
  readonly storage: { readonly key: string; readonly dtype: string; readonly bytes: number; readonly values: number };
}

interface RebuiltTensor {
  readonly tensor: Storage['storage'] & {
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    /** In values from the storage's start. */
    readonly start: number;
  };
}

/**
 * The tensors of a file that torch.save wrote of a state dictionary, by name, where they lie; nothing in the file is run, and
 * one that asks for more than tensors is refused. Both forms: a zip archive (since PyTorch 1.6), and pickles in a row.
 * Errors: PYTORCH_INVALID, PYTORCH_REFUSED, MODEL_FILE_UNREADABLE.
 */
export function readPytorch(path: string): Promise<ReadonlyMap<string, StoredTensor>> {
  return withOpenFile(path, async (file) => {
    const start = Buffer.from(await readExactly(file, 0, Math.min(4, file.size))).toString('latin1');
    try {
      return start.startsWith('PK') ? await readArchive(file) : await readPickles(file);
    } catch (error) {
      if (error instanceof PickleError) {
        throw error.refused === undefined ? invalid(path, error.message) : refused(path, error.refused);
      }
      if (error instanceof RangeError) throw invalid(path, 'it ends within a value');
      throw error;
    }
  });
}

async function readArchive(file: OpenFile): Promise<ReadonlyMap<string, StoredTensor>> {
  const entries = await readZipDirectory(file);
  if (typeof entries === 'string') throw invalid(file.path, entries);
  const index = entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (index === undefined) throw invalid(file.path, 'the archive has no data.pkl: it is no state dictionary');
  const folder = index.name.slice(0, -'data.pkl'.length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const order = byName.get(`${folder}byteorder`);
  if (
    order !== undefined &&
    Buffer.from(await entryBytes(file, order))
      .toString()
      .trim() !== 'little'
  ) {
    throw invalid(file.path, 'its numbers have the high byte first');
  }
  const { value } = readPickle(await entryBytes(file, index), world());
  const places = new Map<string, number>();
  for (const { tensor } of rebuilt(value).values()) {
    if (places.has(tensor.key)) continue;
    const entry = byName.get(`${folder}data/${tensor.key}`);
    const place = entry?.method === 0 ? await entryData(file, entry) : undefined;
    if (place === undefined || entry!.size < tensor.values * tensor.bytes) {
      throw invalid(file.path, `the storage ${tensor.key} is missing, packed or too short`);
    }
    places.set(tensor.key, place);
  }
  return placed(file, rebuilt(value), places);
}

/** magic number, version, system, the dictionary, the storages' keys: a pickle each; then each storage, its length in front. */
async function readPickles(file: OpenFile): Promise<ReadonlyMap<string, StoredTensor>> {
  const bytes = await readExactly(file, 0, Math.min(file.size, LARGEST_PICKLE));
  const magic = readPickle(bytes, world());
  if (magic.value !== MAGIC) throw invalid(file.path, 'it does not begin as a file of torch.save');
  const version = readPickle(bytes, world(), magic.end);
  const system = readPickle(bytes, world(), version.end);
  const dictionary = readPickle(bytes, world(), system.end);
  const keys = readPickle(bytes, world(), dictionary.end);
  if (!Array.isArray(keys.value)) throw invalid(file.path, 'it does not list its storages');
  const tensors = rebuilt(dictionary.value);
  const widths = new Map([...tensors.values()].map(({ tensor }) => [tensor.key, tensor.bytes]));
  const places = new Map<string, number>();
  let at = keys.end;
  for (const key of keys.value) {
    const width = widths.get(String(key));
    if (width === undefined) throw invalid(file.path, `no tensor says of what kind the storage ${String(key)} is`);
    if (at + 8 > file.size) throw invalid(file.path, 'it was cut off');
    const values = Number(Buffer.from(await readExactly(file, at, 8)).readBigUInt64LE(0));
    places.set(String(key), at + 8);
    at += 8 + values * width;
    if (at > file.size) throw invalid(file.path, 'it was cut off');
  }
  return placed(file, tensors, places);
}

/** torch.serialization.MAGIC_NUMBER */
const MAGIC = 0x1950a86a20f9469cfc6cn;

async function entryBytes(file: OpenFile, entry: ZipEntry): Promise<Uint8Array> {
  const start = entry.method === 0 && entry.size <= LARGEST_PICKLE ? await entryData(file, entry) : undefined;
  if (start === undefined) throw invalid(file.path, `${entry.name} is packed, too large or outside the file`);
  return readExactly(file, start, entry.size);
}

/** What the pickle of a state dictionary may refer to. */
function world(): PickleWorld {
  return {
    allowed: (name) => ALLOWED.has(name),
    persistent: (id) => {
      const [kind, type, key, , values] = id instanceof PickleTuple ? id.items : [];
      const numbers = type instanceof PickleGlobal ? STORAGES[type.name] : undefined;
      if (kind !== 'storage' || numbers === undefined)
        throw new PickleError('it refers to something that is no storage');
      return { storage: { key: String(key), ...numbers, values: size(values) } } satisfies Storage;
    },
    call: (name, args) => {
      if (name === DICTIONARY) return new Map();
      if (name === PARAMETER) return args[0] ?? null;
      if (name !== TENSOR && name !== OLD_TENSOR) throw new PickleError(`it calls ${name}`, name);
      const [storage, start, shape, strides] = args;
      if (!isStorage(storage)) throw new PickleError('it makes a tensor of no storage');
      return {
        tensor: { ...storage.storage, start: size(start), shape: sizes(shape), strides: sizes(strides) },
      } satisfies RebuiltTensor;
    },
  };
}

const isStorage = (value: PickleValue | undefined): value is Storage & PickleValue =>
  typeof value === 'object' && value !== null && 'storage' in value;

const isTensor = (value: PickleValue): value is RebuiltTensor & PickleValue =>
  typeof value === 'object' && value !== null && 'tensor' in value;

function size(value: PickleValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PickleError('a size is no whole number from 0');
}

function sizes(value: PickleValue | undefined): readonly number[] {
  if (!(value instanceof PickleTuple)) throw new PickleError('a shape is no tuple');
  return value.items.map(size);
}

/** The tensors of a state dictionary, also of one within a dictionary under `state_dict` or `model`. */
function rebuilt(value: PickleValue): ReadonlyMap<string, RebuiltTensor> {
  if (!(value instanceof Map)) throw new PickleError('it holds no dictionary of tensors');
  const tensors = [...value].flatMap(([name, tensor]): [string, RebuiltTensor][] =>
    typeof name === 'string' && isTensor(tensor) ? [[name, tensor]] : [],
  );
  if (tensors.length > 0) return new Map(tensors);
  for (const key of ['state_dict', 'model']) {
    const inner = value.get(key);
    if (inner instanceof Map) return rebuilt(inner);
  }
  throw new PickleError('it holds no dictionary of tensors');
}

function placed(
  file: OpenFile,
  tensors: ReadonlyMap<string, RebuiltTensor>,
  places: ReadonlyMap<string, number>,
): ReadonlyMap<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, { tensor }]) => {
      const { key, dtype, bytes, shape, strides, start, values } = tensor;
      const count = countValues(shape);
      if (start + count > values) throw invalid(file.path, `tensor '${name}' lies outside its storage`);
      let dense = 1;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        if (shape[axis] !== 1 && strides[axis] !== dense) {
          throw invalid(file.path, `tensor '${name}' is a view whose numbers do not lie in a row`);
        }
        dense *= shape[axis]!;
      }
      const offset = places.get(key)! + start * bytes;
      return [name, { name, shape, dtype, file: file.path, offset, byteLength: count * bytes }];
    }),
  );
}

const SAVE_ANEW =
  "Save the model anew in Python: AutoModelForCausalLM.from_pretrained('FOLDER').save_pretrained('FOLDER', safe_serialization=True).";

function invalid(path: string, found: string): SoftpromptError {
  return new SoftpromptError('PYTORCH_INVALID', {
    found: `${path} cannot be read as PyTorch's weights: ${found}`,
    expected: 'a whole file that torch.save wrote of a state dictionary',
    fix: `Download the file again. ${SAVE_ANEW}`,
  });
}

function refused(path: string, name: string): SoftpromptError {
  return new SoftpromptError('PYTORCH_REFUSED', {
    found: `${path} asks to run ${name}, and running what a file asks for is not safe`,
    expected: 'a state dictionary: tensors by name and nothing else',
    fix: `Use the model's safetensors, or, if you trust its source: ${SAVE_ANEW}`,
  });
}
