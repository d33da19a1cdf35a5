import { Random } from '../../random.js';
import type { PreferenceRow } from './preference-rows.js';

/** Log odds of a like: mean + user's bias + item's bias + p·q; whoever is not known adds nothing. */
export interface MatrixFactorization {
  logOdds(user: string, item: string): number;
}

const WIDTH = 8;
const EPOCHS = 40;
const RATE = 0.05;
const DECAYS = [0.02, 0.05, 0.1, 0.2];

/**
 * Logistic matrix factorisation (Koren et al. 2009, equation 6, with the logistic loss) by stochastic gradient descent with
 * AdaGrad's steps. Weight decay and the number of epochs are chosen on the validation rows.
 */
export function fitMatrixFactorization(
  train: readonly PreferenceRow[],
  valid: readonly PreferenceRow[],
  seed: number,
): MatrixFactorization {
  let best: { readonly model: MatrixFactorization; readonly loss: number } | undefined;
  for (const decay of DECAYS) {
    for (const model of epochs(train, decay, seed)) {
      const loss = valid.reduce((sum, { user, item, liked }) => {
        const z = model.logOdds(user, item);
        return sum + Math.log1p(Math.exp(liked ? -z : z));
      }, 0);
      if (best === undefined || loss < best.loss) best = { model: model.copy(), loss };
    }
  }
  return best!.model;
}

interface Fit extends MatrixFactorization {
  copy(): MatrixFactorization;
}

/** The same model after each epoch, overwritten by the next. */
function* epochs(train: readonly PreferenceRow[], decay: number, seed: number): Generator<Fit> {
  const random = new Random(seed);
  const codes = (of: 'user' | 'item') =>
    new Map([...new Set(train.map((row) => row[of]))].map((id, code) => [id, code] as const));
  const [users, items] = [codes('user'), codes('item')];
  const stride = WIDTH + 1; // a bias in front
  const table = (rows: number) =>
    Float64Array.from({ length: rows * stride }, (_, i) => (i % stride === 0 ? 0 : 0.05 * random.normal()));
  const [p, q] = [table(users.size), table(items.size)];
  const [pSquares, qSquares] = [new Float64Array(p.length).fill(1), new Float64Array(q.length).fill(1)];
  const likes = train.filter(({ liked }) => liked).length;
  const mean = Math.log((likes + 1) / (train.length - likes + 1));
  const rows = train.map(({ user, item, liked }) => ({
    u: users.get(user)! * stride,
    i: items.get(item)! * stride,
    y: Number(liked),
  }));
  const oddsOf = (P: Float64Array, Q: Float64Array, u: number, i: number) => {
    let z = mean;
    if (u >= 0) z += P[u]!;
    if (i >= 0) z += Q[i]!;
    if (u >= 0 && i >= 0) for (let k = 1; k < stride; k++) z += P[u + k]! * Q[i + k]!;
    return z;
  };
  const model = (P: Float64Array, Q: Float64Array): MatrixFactorization => ({
    logOdds: (user, item) => oddsOf(P, Q, (users.get(user) ?? -1) * stride, (items.get(item) ?? -1) * stride),
  });
  const move = (values: Float64Array, squares: Float64Array, at: number, gradient: number) => {
    squares[at]! += gradient * gradient;
    values[at]! -= (RATE * gradient) / Math.sqrt(squares[at]!);
  };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const { u, i, y } of random.shuffle([...rows])) {
      const error = 1 / (1 + Math.exp(-oddsOf(p, q, u, i))) - y;
      move(p, pSquares, u, error + decay * p[u]!);
      move(q, qSquares, i, error + decay * q[i]!);
      for (let k = 1; k < stride; k++) {
        const [a, b] = [p[u + k]!, q[i + k]!];
        move(p, pSquares, u + k, error * b + decay * a);
        move(q, qSquares, i + k, error * a + decay * b);
      }
    }
    yield { ...model(p, q), copy: () => model(p.slice(), q.slice()) };
  }
}
