/** Runs every check and the tests; the last line counts both. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const usage = `scripts/test [PATH ...] [VITEST OPTIONS]

Checks format, lint, types and unused code, and runs the tests. The last line counts all of it; the
exit code is 0 when nothing failed, 1 when something did, 2 for a wrong command line.

  PATH              only the tests of files whose path has this in it: test/engine, man-pages
  -t TEXT           only tests whose name has this in it
  VITEST OPTIONS    whatever vitest run takes: npx vitest run --help

Tests alone, without the checks: npx vitest run PATH
`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(usage);
  process.exit();
}
refuseWhatVitestWould(args);

const results = 'build/test-results.json';
const checks = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  ['unused code and dependencies', 'knip', '--no-progress'],
] as const;

let passed = 0;
let failed = 0;

for (const [what, command, ...rest] of checks) {
  const ok = run(command, rest);
  process.stdout.write(`${ok ? 'ok' : 'FAILED'}: ${what}\n`);
  if (ok) passed += 1;
  else failed += 1;
}

rmSync(results, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const testsRan = run('vitest', ['run', ...reporters, ...args]);
const counts = readCounts();
passed += counts.passed;
failed += counts.failed;
// A file that cannot be loaded, or an error outside of every test, is a failure too.
if (!testsRan && counts.failed === 0) failed += 1;

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

/** Before anything that takes long. */
function refuseWhatVitestWould(given: readonly string[]): void {
  if (given.length === 0) return;
  const listing = spawnSync('vitest', ['list', '--filesOnly', ...given], { encoding: 'utf8' });
  const complaint = /Error: (.+)/.exec(listing.stderr)?.[1] ?? listing.stderr.trim();
  if (listing.status !== 0) refuse(complaint);
  if (listing.stdout.trim() === '') refuse(`There are no test files for: ${given.join(' ')}`);
}

function refuse(words: string): never {
  process.stderr.write(`scripts/test: ${words}\nHow it is used: scripts/test --help\n`);
  process.exit(2);
}

function run(command: string, rest: readonly string[]): boolean {
  const { status, error } = spawnSync(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
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
