import { type ErrorCode, SoftpromptError } from '../errors.js';
import { nearestName } from '../files/nearest-path.js';
import { defaultInWords, flagOf, type Given, isGroup, type Option, type Options, type Plan, saysNo } from './option.js';

/**
 * The plan of a run: what was given, checked, with every default filled in. It is made once, where a run begins or goes on;
 * settling a plan again changes nothing.
 * @param code of the errors
 * @throws `code` for an option that does not exist, that is missing, or that has a wrong value
 */
export function settle<S extends Options>(options: S, given: Given<S>, code: ErrorCode): Plan<S> {
  return settleAll(options, given as Readonly<Record<string, unknown>>, code, '') as Plan<S>;
}

function settleAll(
  options: Options,
  given: Readonly<Record<string, unknown>>,
  code: ErrorCode,
  within: string,
): Record<string, unknown> {
  refuseUnknown(options, given, code, within);
  const plan: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = given[name];
    if (isGroup(option)) {
      if (value !== undefined && (typeof value !== 'object' || value === null)) {
        throw wrong(code, `The option ${within}${name} is ${show(value)}`, 'an object', 'Correct the option.');
      }
      const inner = (value ?? {}) as Readonly<Record<string, unknown>>;
      plan[name] = settleAll(option.options, inner, option.code ?? code, `${within}${name}.`);
      option.check?.(inner);
      continue;
    }
    plan[name] = value ?? option.default;
    checkValue(within + name, option, plan[name], option.code ?? code);
  }
  return plan;
}

function checkValue(name: string, option: Option, value: unknown, code: ErrorCode): void {
  if (value === undefined) {
    if (option.required === undefined) return;
    throw wrong(code, `The option ${name} is missing`, option.required, `Give ${nameAndFlag(name, option)}.`);
  }
  if (option.kind.holds(value)) return;
  const usual = defaultInWords(option);
  const leave =
    option.required !== undefined
      ? ''
      : `, or leave it out${usual === undefined ? '' : ` to use the default (${usual})`}`;
  throw wrong(
    code,
    `The option ${name} is ${show(value)}`,
    option.kind.expected,
    `Correct ${nameAndFlag(name, option)}${leave}.`,
  );
}

/** An option by its name in programs, and its flag where people meet it. */
function nameAndFlag(name: string, option: Option): string {
  const flag = flagOf(name.slice(name.lastIndexOf('.') + 1), option);
  return flag === null ? name : `${name} (${saysNo(option) ? '--no-' : '--'}${flag} on the command line)`;
}

function refuseUnknown(
  options: Options,
  given: Readonly<Record<string, unknown>>,
  code: ErrorCode,
  within: string,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(options, name) && given[name] !== undefined);
  if (unknown === undefined) return;
  const known = Object.keys(options);
  const byFlag = Object.entries(options).find(([, option]) => !isGroup(option) && option.flag === unknown)?.[0];
  const nearest = byFlag ?? nearestName(unknown, known);
  throw wrong(
    code,
    `There is no option ${within}${unknown}`,
    nearest === undefined ? `one of ${known.join(', ')}` : `${within}${nearest}, which is the nearest`,
    nearest === undefined ? 'Leave it out.' : `Write ${within}${nearest}, or leave it out.`,
  );
}

const show = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));

function wrong(code: ErrorCode, found: string, expected: string, fix: string): SoftpromptError {
  return new SoftpromptError(code, { found, expected, fix });
}
