import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bare, commandLine, rkllama } from './rkllama.ts';

describe('rkllama', () => {
  it('lists its commands without arguments, and tells how one is used', async () => {
    const { code, stdout } = await rkllama([]);
    expect(code).toBe(0);
    for (const name of ['list, ls', 'run', 'serve', 'doctor', 'selftest', 'runtime', 'help']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(stdout).not.toContain('\u001B');
    expect((await rkllama(['help', 'keys', 'add'])).stdout).toContain('Usage: rkllama keys add');
    expect((await rkllama(['keys', 'add', '--help'])).stdout).toContain('--scope');
    expect((await rkllama(['help', '--help'])).code).toBe(0);
  });

  it('tells the options of a command before those of all', async () => {
    const { stdout } = await rkllama(['list', '--help']);
    expect(stdout).toMatch(/^Options:\n[\s\S]*^Options of all commands:\n/m);
  });

  it.each([
    [['lisst'], 'Did you mean list?'],
    [['lisst'], 'All commands: rkllama --help'],
    [['help', 'nonsense'], "Unknown command 'nonsense'"],
    [['completion', 'tcsh'], "'tcsh' is no shell. Allowed choices are bash, zsh, fish."],
    [['rm'], "Missing required argument 'models'"],
    [['list', '--nonsense'], "Unknown option '--nonsense'"],
    [['bench', 'm', '--runs', '0'], 'Expected a whole number from 1 to 100.'],
    [['list', '--host', 'a b'], '--host cannot be "a b"'],
    [['keys', 'nonsense'], "Unknown command 'nonsense'"],
  ])('%j is a wrong command line', async (args, words) => {
    const { code, stdout, stderr } = await rkllama(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Error: ');
    expect(stderr).toContain(words);
  });

  it('says who does not answer, and how to start it', async () => {
    const environment = { RKLLAMA_ADMIN_SOCKET: '/nonexistent/admin.sock', RKLLAMA_PORT: '1' };
    const { code, stdout, stderr } = await rkllama(['list'], { environment });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      'Error: The daemon does not answer at http://127.0.0.1:1: nothing listens there.\n' +
        'Start it: sudo systemctl start rkllamad\nWhy it is not running: rkllama logs\n',
    );
  });

  it('asks nobody where it is not told whom', async () => {
    const environment = { RKLLAMA_ADMIN_SOCKET: '/nonexistent/admin.sock', RKLLAMA_PORT: 'abc' };
    const { code, stdout, stderr } = await rkllama(['list'], { environment });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Where the daemon listens is not known. RKLLAMA_PORT cannot be "abc"');
    expect(stderr).toContain('rkllama config check');
    // The host is told, and so is the port.
    const named = await rkllama(['list', '--host', '127.0.0.1:1'], { environment });
    expect(named.stderr).toContain('http://127.0.0.1:1');
  });

  it('finds the daemon whatever else is wrong in its configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rkllama-'));
    const file = join(folder, 'config.toml');
    await writeFile(file, '[server]\nport = 1\n[queue]\nlimit = "many"\nlimt = 3\n');
    const environment = { RKLLAMA_CONFIG: file, RKLLAMA_ADMIN_SOCKET: '/nonexistent/admin.sock' };
    const asked = await rkllama(['list'], { environment });
    expect(asked.stderr).toContain('does not answer at http://127.0.0.1:1:');
    await writeFile(file, 'port = \n');
    const broken = await rkllama(['list'], { environment });
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain(`${file}:1`);
    await rm(folder, { recursive: true });
  });

  it.each([
    [['list', '--host', '127.0.0.1:1'], 3, 'unreachable'],
    [['rm'], 2, 'usage'],
    [['config', 'explain', 'no.such'], 4, 'not_found'],
  ])('tells programs what %j fails at', async (args, exitCode, kind) => {
    const { code, stdout, stderr } = await rkllama([...args, '--json']);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: kind, message: expect.any(String) },
    });
  });

  it('takes options before the command, too', async () => {
    const { code, stderr } = await rkllama(['--json', '--host', '127.0.0.1:1', 'list']);
    expect(code).toBe(3);
    expect(JSON.parse(stderr).error.message).toContain('http://127.0.0.1:1');
  });

  it('fails when its output is lost', async () => {
    const shell = spawn('bash', ['-c', `${commandLine(['completion', 'bash'])} >/dev/full`], {
      env: bare({}),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    shell.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(shell, 'close');
    expect([code, stderr]).toEqual([
      1,
      'Error: The output cannot be written: ENOSPC: no space left on device, write.\n',
    ]);
  });

  it('ends quietly when its reader does', async () => {
    const server = createServer((_request, response) => {
      const beat = setInterval(() => {
        const message = { role: 'assistant', content: 'on and on '.repeat(1000) };
        response.write(`${JSON.stringify({ message, done: false })}\n`);
      }, 5);
      response.on('close', () => clearInterval(beat));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const words = commandLine(['run', 'm', 'x', '--host', `127.0.0.1:${port}`]);
    const script = `${words} | head -c 5; code=\${PIPESTATUS[0]}; echo; echo $code`;
    const shell = spawn('bash', ['-c', script], {
      env: bare({}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    shell.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    shell.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await once(shell, 'close');
    server.closeAllConnections();
    server.close();
    expect(stdout).toBe('on an\n141\n');
    expect(stderr).toBe('');
  });
});
