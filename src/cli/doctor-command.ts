import { diagnose, formatChecks } from './doctor.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { createOutput } from './output.js';

export async function doctorCommand(flags: SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { hub, cacheFolder } = modelOptions(flags);
  const checks = await diagnose({
    ...(hub === undefined ? {} : { hub }),
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
  });
  output.say(formatChecks(checks));
  output.result({ checks });
  if (checks.some(({ status }) => status === 'fail')) process.exitCode = 1;
}
