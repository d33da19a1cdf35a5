import type { JsonSchema } from './kind.js';
import { describeOption, isGroup, type Options } from './option.js';

/** The JSON schema of options by their names in programs (draft 2020-12), for OpenAPI and editors. */
export function optionsJsonSchema(options: Options): JsonSchema {
  const entries = Object.entries(options);
  const required = entries.flatMap(([name, option]) =>
    !isGroup(option) && option.required !== undefined ? [name] : [],
  );
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      entries.map(([name, option]) => {
        if (isGroup(option)) return [name, optionsJsonSchema(option.options)];
        const usual = option.default === Number.POSITIVE_INFINITY ? undefined : option.default;
        return [
          name,
          { ...option.kind.json, description: describeOption(option), ...(usual !== undefined && { default: usual }) },
        ];
      }),
    ),
    ...(required.length > 0 && { required }),
  };
}
