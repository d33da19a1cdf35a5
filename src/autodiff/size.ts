import { SoftpromptError } from '../errors.js';

/**
 * Sizes of tensor axes: a number, or a symbolic polynomial such as `B`, `4*T` or `L+T` written in one canonical way, so
 * that two sizes are equal exactly when their texts are. Symbols get their values from the inputs of each run.
 */
export type Size = number | string;
export type Shape = readonly Size[];

/** Monomial (symbols joined by `*`, sorted; '' for the constant) → coefficient. */
type Polynomial = Map<string, number>;

export function multiplySizes(...sizes: readonly Size[]): Size {
  let product: Polynomial = new Map([['', 1]]);
  for (const size of sizes) {
    const next: Polynomial = new Map();
    for (const [a, x] of product) {
      for (const [b, y] of parse(size)) addTerm(next, joinSymbols(a, b), x * y);
    }
    product = next;
  }
  return print(product);
}

export function addSizes(...sizes: readonly Size[]): Size {
  const sum: Polynomial = new Map();
  for (const size of sizes) for (const [symbols, x] of parse(size)) addTerm(sum, symbols, x);
  return print(sum);
}

/** The number a size stands for once its symbols have values; throws where one has none. */
export function sizeValue(size: Size, symbols: ReadonlyMap<string, number>): number {
  if (typeof size === 'number') return size;
  let sum = 0;
  for (const [monomial, coefficient] of parse(size)) {
    let term = coefficient;
    for (const symbol of monomial === '' ? [] : monomial.split('*')) {
      const value = symbols.get(symbol);
      if (value === undefined) throw new RangeError(`size '${size}' needs a value for '${symbol}'`);
      term *= value;
    }
    sum += term;
  }
  return sum;
}

/** A size in its canonical writing. Errors: GRAPH_SHAPE for what is no size. */
export function canonicalSize(size: Size): Size {
  return addSizes(size);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i] || canonicalSize(size) === canonicalSize(b[i]!));
}

function parse(size: Size): Polynomial {
  if (typeof size === 'number') {
    if (!Number.isSafeInteger(size) || size < 0) throw notASize(size);
    return new Map([['', size]]);
  }
  const polynomial: Polynomial = new Map();
  for (const term of size.split('+')) {
    const symbols: string[] = [];
    let coefficient = 1;
    for (const factor of term.split('*').map((part) => part.trim())) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(factor)) symbols.push(factor);
      else throw notASize(size);
    }
    addTerm(polynomial, symbols.sort().join('*'), coefficient);
  }
  return polynomial;
}

function notASize(size: Size): SoftpromptError {
  return new SoftpromptError('GRAPH_SHAPE', {
    found: `the size '${size}'`,
    expected: 'a whole number from 0, or sums and products of numbers and symbols, such as 4*T or L+T',
    fix: 'Correct the shape.',
  });
}

function print(polynomial: Polynomial): Size {
  const terms = [...polynomial].filter(([, x]) => x !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0]![0] === '') return terms[0]![1];
  return terms.map(([symbols, x]) => (symbols === '' ? `${x}` : x === 1 ? symbols : `${x}*${symbols}`)).join('+');
}

function joinSymbols(a: string, b: string): string {
  if (a === '') return b;
  return b === '' ? a : [...a.split('*'), ...b.split('*')].sort().join('*');
}

function addTerm(polynomial: Polynomial, symbols: string, coefficient: number): void {
  polynomial.set(symbols, (polynomial.get(symbols) ?? 0) + coefficient);
}
