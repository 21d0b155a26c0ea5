import { defineConfig } from 'vitest/config';

/** Generous: a limit is for what hangs, and CI's machine is as slow as it likes. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
