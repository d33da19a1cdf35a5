import { SoftpromptError } from '../../errors.js';

/** Settings of a model by name, from a file that someone else wrote: each is checked when it is read. */
export class Settings {
  private readonly read = new Set<string>();

  constructor(
    /** How errors name the whole: `/models/x/config.json`, or the same and `rope_scaling`. */
    readonly where: string,
    private readonly values: ReadonlyMap<string, unknown>,
  ) {}

  /** Settings from the text of a JSON file. Errors: MODEL_CONFIG_INVALID. */
  static fromJson(path: string, text: string): Settings {
    let parsed: unknown;
    let problem = 'another kind of value';
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      problem = String(error);
    }
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return new Settings(path, new Map(Object.entries(parsed)));
    }
    throw new SoftpromptError('MODEL_CONFIG_INVALID', {
      found: `${path} is no JSON object: ${problem}`,
      expected: 'the settings of a model as a JSON object',
      fix: 'Download the file again.',
    });
  }

  /** Whether the setting is written, be it as null. */
  has(key: string): boolean {
    return this.values.has(key);
  }

  /** undefined where the setting is missing or null. */
  get(key: string): unknown {
    this.read.add(key);
    return this.values.get(key) ?? undefined;
  }

  /** Whether the setting has a value and nothing has asked for it. */
  isUnread(key: string): boolean {
    return !this.read.has(key) && (this.values.get(key) ?? undefined) !== undefined;
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    if (value !== undefined && typeof value !== 'string') throw this.invalid(key, 'text');
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value !== 'boolean') throw this.invalid(key, 'true or false');
    return value;
  }

  /** A whole number from 1 to `most`; required where there is no fallback. */
  size(key: string, fallback?: number, most = 1 << 24): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw this.invalid(key, `a whole number from 1 to ${most}`);
  }

  /** A finite number above 0; required where there is no fallback. */
  positive(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw this.invalid(key, 'a number above 0');
  }

  /** Settings within a setting; undefined where it is missing. */
  group(key: string): Settings | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) throw this.invalid(key, 'an object');
    return new Settings(`'${key}' of ${this.where}`, new Map(Object.entries(value as object)));
  }

  invalid(key: string, expected: string): SoftpromptError {
    const value = this.values.get(key);
    return new SoftpromptError('MODEL_CONFIG_INVALID', {
      found: value === undefined ? `${this.where} has no '${key}'` : `${this.where} says ${key} = ${brief(value)}`,
      expected,
      fix: 'Use the settings that the model was published with.',
    });
  }

  unsupported(what: string, supported: string): SoftpromptError {
    return new SoftpromptError('MODEL_UNSUPPORTED', {
      found: `${this.where} describes a model with ${what}`,
      expected: supported,
      fix: 'Choose a model of a supported kind.',
    });
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
