// `npm audit` of what the package brings, where the registry answers; a registry without advisories is said and passed over.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
let report;
try {
  report = JSON.parse(stdout);
} catch {
  report = {};
}
const found = report.metadata?.vulnerabilities;
if (found === undefined) {
  console.log(`skipped: this registry answers no audit (${report.message ?? report.error?.summary ?? 'no report'})`);
  process.exit(0);
}
console.log(`npm audit: ${found.total} known vulnerabilities`);
for (const { name, severity, range } of Object.values(report.vulnerabilities ?? {}))
  console.log(`${severity}: ${name} ${range}`);
process.exit(found.total === 0 ? 0 : 1);
