/**
 * A reader of Python pickles that runs nothing: it knows values, lists, tuples and dictionaries, and calls of a few named
 * functions, which the reader's owner answers. Whatever else a pickle asks for is an error. Protocols 0 to 5 as far as torch.save
 * writes them (https://github.com/python/cpython/blob/main/Lib/pickletools.py).
 */

/** A class or function by name, as a pickle refers to it. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleTuple
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  /** What a call gave. */
  | { readonly [key: string]: unknown };

/** What a pickle's own world is made of. Each may throw. */
export interface PickleWorld {
  /** Whether a pickle may refer to a class or function of this name, `module.name`. */
  allowed(name: string): boolean;
  /** What a call of one gives. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** What an id of something outside the pickle stands for. */
  persistent(id: PickleValue): PickleValue;
}

/** A pickle that is damaged, or asks for something that is not allowed. */
export class PickleError extends Error {
  constructor(
    message: string,
    /** The class or function that it asks for. */
    readonly refused?: string,
  ) {
    super(message);
  }
}

const MARK = Symbol('mark');
type Entry = PickleValue | typeof MARK;

/** The value of the pickle that begins at `start`, and where it ends. Errors: PickleError, and those of `world`. */
export function readPickle(
  bytes: Uint8Array,
  world: PickleWorld,
  start = 0,
): { readonly value: PickleValue; readonly end: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Entry[] = [];
  const memo = new Map<number, PickleValue>();
  let at = start;

  const take = (count: number): number => {
    if (!(count >= 0) || at + count > buffer.length) throw new PickleError('it ends within a value');
    at += count;
    return at - count;
  };
  const line = (): string => {
    const end = buffer.indexOf(10, at);
    if (end === -1) throw new PickleError('it ends within a name');
    const text = buffer.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const text = (length: number) => {
    const from = take(length);
    return buffer.toString('utf8', from, from + length);
  };
  const size64 = () => Number(buffer.readBigUInt64LE(take(8)));
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === MARK) throw new PickleError('a value is missing');
    return value;
  };
  const top = (): PickleValue => {
    const value = stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleError('a value is missing');
    return value;
  };
  const popToMark = (): PickleValue[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark === -1) throw new PickleError('a mark is missing');
    const items = stack.splice(mark);
    return items.slice(1) as PickleValue[];
  };
  const setItems = (items: readonly PickleValue[]) => {
    const target = top();
    if (!(target instanceof Map) || items.length % 2 !== 0) throw new PickleError('items are set on no dictionary');
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
  };
  const append = (items: readonly PickleValue[]) => {
    const target = top();
    if (!Array.isArray(target)) throw new PickleError('items are appended to no list');
    for (const item of items) target.push(item);
  };
  const global = (name: string) => {
    if (!world.allowed(name)) throw new PickleError(`it asks for ${name}`, name);
    stack.push(new PickleGlobal(name));
  };
  const recall = (key: number) => {
    const value = memo.get(key);
    if (value === undefined) throw new PickleError('it recalls what it never kept');
    stack.push(value);
  };

  for (;;) {
    const code = buffer[take(1)]!;
    switch (String.fromCharCode(code)) {
      case '\x80': // PROTO
        take(1);
        break;
      case '\x95': // FRAME
        take(8);
        break;
      case '.': // STOP
        return { value: pop(), end: at };
      case '(':
        stack.push(MARK);
        break;
      case '0': // POP
        stack.pop();
        break;
      case '1': // POP_MARK
        popToMark();
        break;
      case '2': // DUP
        stack.push(top());
        break;
      case 'N':
        stack.push(null);
        break;
      case '\x88':
      case '\x89':
        stack.push(code === 0x88);
        break;
      case 'K':
        stack.push(buffer[take(1)]!);
        break;
      case 'M':
        stack.push(buffer.readUInt16LE(take(2)));
        break;
      case 'J':
        stack.push(buffer.readInt32LE(take(4)));
        break;
      case 'G':
        stack.push(buffer.readDoubleBE(take(8)));
        break;
      case '\x8a': {
        // LONG1
        const length = buffer[take(1)]!;
        stack.push(longNumber(buffer.subarray(take(length), at)));
        break;
      }
      case 'X':
        stack.push(text(buffer.readUInt32LE(take(4))));
        break;
      case '\x8c':
      case 'U': // SHORT_BINUNICODE, SHORT_BINSTRING
        stack.push(text(buffer[take(1)]!));
        break;
      case 'T':
        stack.push(text(buffer.readInt32LE(take(4))));
        break;
      case '\x8d':
        stack.push(text(size64()));
        break;
      case 'C': {
        // SHORT_BINBYTES
        const length = buffer[take(1)]!;
        stack.push(new Uint8Array(buffer.subarray(take(length), at)));
        break;
      }
      case 'B': {
        const length = buffer.readUInt32LE(take(4));
        stack.push(new Uint8Array(buffer.subarray(take(length), at)));
        break;
      }
      case ')':
        stack.push(new PickleTuple([]));
        break;
      case '\x85':
      case '\x86':
      case '\x87': // TUPLE1 to TUPLE3
        stack.push(new PickleTuple(Array.from({ length: code - 0x84 }, pop).reverse()));
        break;
      case 't':
        stack.push(new PickleTuple(popToMark()));
        break;
      case ']':
        stack.push([]);
        break;
      case 'l':
        stack.push(popToMark());
        break;
      case '}':
        stack.push(new Map());
        break;
      case 'd': {
        const items = popToMark();
        stack.push(new Map());
        setItems(items);
        break;
      }
      case 's': {
        const value = pop();
        setItems([pop(), value]);
        break;
      }
      case 'u':
        setItems(popToMark());
        break;
      case 'a':
        append([pop()]);
        break;
      case 'e':
        append(popToMark());
        break;
      case 'q':
        memo.set(buffer[take(1)]!, top());
        break;
      case 'r':
        memo.set(buffer.readUInt32LE(take(4)), top());
        break;
      case '\x94':
        memo.set(memo.size, top());
        break;
      case 'h':
        recall(buffer[take(1)]!);
        break;
      case 'j':
        recall(buffer.readUInt32LE(take(4)));
        break;
      case 'c': {
        const module = line();
        global(`${module}.${line()}`);
        break;
      }
      case '\x93': {
        // STACK_GLOBAL
        const name = pop();
        global(`${String(pop())}.${String(name)}`);
        break;
      }
      case 'Q':
        stack.push(world.persistent(pop()));
        break;
      case 'R':
      case '\x81': {
        // REDUCE, NEWOBJ
        const args = pop();
        const made = pop();
        if (!(made instanceof PickleGlobal) || !(args instanceof PickleTuple))
          throw new PickleError('it calls no function');
        stack.push(world.call(made.name, args.items));
        break;
      }
      case 'b': // BUILD: attributes of an object, of which none is kept
        pop();
        break;
      default:
        throw new PickleError(`it has the operation 0x${code.toString(16).padStart(2, '0')}`);
    }
  }
}

/** A whole number of any length, in two's complement, the low byte first. */
function longNumber(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes.at(-1)! >= 128) value -= 1n << BigInt(8 * bytes.length);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
