import { FAMILIES, findFamily } from '../families/registry.js';
import type { ModelConfig } from './config.js';
import { Settings } from './settings.js';
import { refuseUnread } from './unread-options.js';

/**
 * The shape of a model from the text of its `config.json`; `path` serves error messages.
 * Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED.
 */
export function parseModelConfig(path: string, text: string): ModelConfig {
  const settings = Settings.fromJson(path, text);
  const type = settings.text('model_type');
  const family = findFamily(type);
  if (family !== undefined) {
    const config = family.readConfig(settings);
    refuseUnread(settings, family.name);
    return config;
  }
  const known = FAMILIES.map(({ name }) => name).join(', ');
  throw settings.unsupported(`model_type ${JSON.stringify(type)}`, `model_type ${known}`);
}
