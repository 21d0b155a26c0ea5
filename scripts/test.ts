/** Runs every check and the tests; the last line counts both. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const results = 'build/test-results.json';
const checks = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  ['unused code and dependencies', 'knip', '--no-progress'],
] as const;

let passed = 0;
let failed = 0;

for (const [what, command, ...args] of checks) {
  const ok = run(command, args);
  process.stdout.write(`${ok ? 'ok' : 'FAILED'}: ${what}\n`);
  if (ok) passed += 1;
  else failed += 1;
}

rmSync(results, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const testsRan = run('vitest', ['run', ...reporters, ...process.argv.slice(2)]);
const counts = readCounts();
passed += counts.passed;
failed += counts.failed;
// A file that cannot be loaded, or an error outside of every test, is a failure too.
if (!testsRan && counts.failed === 0) failed += 1;

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

function run(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  return status === 0;
}

function readCounts(): { passed: number; failed: number } {
  try {
    const report: unknown = JSON.parse(readFileSync(results, 'utf8'));
    if (typeof report !== 'object' || report === null) return { passed: 0, failed: 1 };
    return {
      passed: Number(Reflect.get(report, 'numPassedTests')),
      failed: Number(Reflect.get(report, 'numFailedTests')),
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
