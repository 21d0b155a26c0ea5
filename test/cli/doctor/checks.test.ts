import { describe, expect, it } from 'vitest';
import type { BoardSummary } from '../../../src/board/index.ts';
import type { Finding } from '../../../src/cli/doctor/check.ts';
import { checks } from '../../../src/cli/doctor/checks/index.ts';
import type { Facts } from '../../../src/cli/doctor/facts.ts';
import type { Tree } from '../../board/fixtures/tree.ts';
import { healthy, model } from './healthy.ts';

async function judge(id: string, change: (facts: Facts) => void, files?: Tree): Promise<Finding> {
  const facts = await healthy(files);
  change(facts);
  const check = checks.find((each) => each.id === id);
  if (!check) throw new Error(`there is no check ${id}`);
  return check.judge(facts);
}

const npu = (facts: Facts, more: Partial<BoardSummary['npu']>) =>
  Object.assign(facts, { board: { ...facts.board, npu: { ...facts.board.npu, ...more } } });
const driverOf = (version: string) => (facts: Facts) =>
  npu(facts, { driverVersion: { value: version, reason: null } });
const devfreq = 'sys/class/devfreq';

it('finds nothing wrong with a board on which all is well', async () => {
  const facts = await healthy();
  const findings = checks.map(({ id, judge: check }) => ({ id, ...check(facts) }));
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(new Set(findings.map(({ id }) => id)).size).toBe(checks.length);
});

type Row = [string, string, (facts: Facts) => unknown, RegExp, RegExp, Tree?];

describe('fails', () => {
  it.each<Row>([
    ['soc', 'another SoC', (f) => npu(f, { platform: null }), /no board with/, /README/],
    ['driver', "mainline's driver", (f) => npu(f, { driver: 'rocket' }), /rocket/, /vendor/],
    ['driver', 'no driver', (f) => npu(f, { driver: null }), /no driver/, /vendor kernel/],
    ['driver', 'an ancient driver', driverOf('0.8.2'), /0\.8\.2 is too old/, /apt full-upgrade/],
    ['devices', 'no node', (f) => npu(f, { devices: [] }), /no device node/, /vendor kernel/],
    [
      'devices',
      'a user outside of the groups',
      (f) => Object.assign(f, { user: { name: 'rkllama', uid: 990, groups: [990] } }),
      /rkllama may not open \/dev\/dri\/card0/,
      /usermod -aG video,render rkllama && sudo systemctl restart/,
    ],
    [
      'runtime',
      'no library',
      (f) => Object.assign(f, { runtime: { library: null, reason: 'It was not found.' } }),
      /not found/,
      /rkllama runtime install/,
    ],
    [
      'runtime',
      'no OpenMP',
      (f) => Object.assign(f, { hasOpenMp: false }),
      /libgomp\.so\.1/,
      /apt install libgomp1/,
    ],
    [
      'models',
      'models for another board only',
      (f) => Object.assign(f, { models: [model({ problem: 'It is for RK3576.' })] }),
      /No model can be loaded\. qwen: It is for RK3576/,
      /rkllama show qwen/,
    ],
    [
      'disk',
      'a folder of somebody else',
      (f) => Object.assign(f.modelsFolder, { writable: false }),
      /rkllama may not write to \/models/,
      /chown -R rkllama/,
    ],
    ['time', 'a clock of 1970', (f) => Object.assign(f, { now: new Date(0) }), /1970/, /set-ntp/],
    [
      'config',
      'a wrong configuration',
      (f) =>
        Object.assign(f.installation, {
          problems: [{ source: { kind: 'default' }, message: 'RKLLAMA_PORT cannot be "x".' }],
        }),
      /RKLLAMA_PORT cannot be/,
      /config check/,
    ],
    [
      'service',
      'a failed service',
      (f) => Object.assign(f.service ?? {}, { state: 'failed', result: 'watchdog' }),
      /failed \(watchdog\)/,
      /systemctl restart/,
    ],
    [
      'service',
      'a stopped service',
      (f) => Object.assign(f.service ?? {}, { state: 'inactive' }),
      /inactive/,
      /systemctl start/,
    ],
    ['service', 'silence', (f) => Object.assign(f, { health: null }), /not answer/, /logs/],
    [
      'port',
      'another program on the port',
      (f) => Object.assign(f, { portIsTaken: true }),
      /Another program listens on port 8080/,
      /ss -ltnp/,
    ],
  ])('%s: %s', async (id, _, change, words, remedy, files) => {
    const finding = await judge(id, change, files);
    expect(finding.verdict).toBe('fail');
    expect(finding.words).toMatch(words);
    expect(finding.remedy).toMatch(remedy);
  });
});

describe('warns', () => {
  /** On the network, with keys or without. */
  const open = (hasKeys: boolean | null) => (facts: Facts) => {
    Object.assign(facts.installation.config, { host: '0.0.0.0' });
    Object.assign(facts, { hasKeys });
  };

  it.each<Row>([
    ['driver', 'an old driver', driverOf('0.9.6'), /0\.9\.6 may not load models above 3 GB/, /apt/],
    ['driver', 'not the newest driver', driverOf('0.9.7'), /0\.9\.7 works; .* 0\.9\.8/, /apt/],
    [
      'holders',
      'another program with the NPU open',
      (f) => Object.assign(f, { holders: { programs: [{ pid: 7, name: 'llm_demo' }] } }),
      /llm_demo \(7\)/,
      /End it/,
    ],
    [
      'temperature',
      'heat',
      () => {},
      /soc-thermal has 91 °C/,
      /heat sink/,
      { 'sys/class/thermal/thermal_zone0/temp': '91000\n' },
    ],
    [
      'clocks',
      'an NPU that is held low',
      () => {},
      /NPU 300 of 1000 MHz \(userspace\)/,
      /rkllamad-clocks/,
      { [`${devfreq}/fdab0000.npu/cur_freq`]: '300000000\n' },
    ],
    [
      'ddr',
      'memory that is held low',
      () => {},
      /528 of 2112 MHz \(userspace\)\. It is held low/,
      /rkllamad-clocks/,
      { [`${devfreq}/dmc/cur_freq`]: '528000000\n' },
    ],
    [
      'ddr',
      'memory whose clock nobody can see',
      (f) =>
        Object.assign(f.board.clocks, { ddr: { value: null, reason: 'this kernel has no dmc' } }),
      /cannot be seen or set \(this kernel has no dmc\)/,
      /firmware/,
    ],
    [
      'memory',
      'a model that is larger than the memory',
      (f) => Object.assign(f, { models: [model({ sizeBytes: 20e9 })] }),
      /too large for this board: qwen/,
      /smaller model/,
    ],
    [
      'memory',
      'a model that needs what others have',
      (f) => Object.assign(f, { models: [model({ sizeBytes: 12.5e9 })] }),
      /qwen takes 13\.3 GB/,
      /ps aux/,
    ],
    ['models', 'no model', (f) => Object.assign(f, { models: [] }), /no model/, /search/],
    [
      'models',
      'one bad model',
      (f) => Object.assign(f, { models: [model(), model({ name: 'b', problem: 'Broken.' })] }),
      /1 of 2 cannot be loaded\. b: Broken/,
      /rkllama show b/,
    ],
    [
      'models',
      'a runtime with a fault',
      (f) => Object.assign(f.runtime.library ?? {}, { version: '1.3.0' }),
      /does not see the end of answers/,
      /runtime install 1\.3\.1/,
    ],
    ['disk', 'no room', (f) => Object.assign(f.modelsFolder, { freeBytes: 3e8 }), /300 MB/, /rm/],
    [
      'open-files',
      'a low limit',
      (f) => Object.assign(f, { openFileLimit: 1024 }),
      /1024 for the service/,
      /LimitNOFILE=102400/,
    ],
    [
      'time',
      'a clock that nobody keeps',
      (f) => Object.assign(f, { timeIsSynchronized: false }),
      /nobody keeps it right/,
      /set-ntp/,
    ],
    [
      'service',
      'restarts',
      (f) => Object.assign(f.service ?? {}, { restarts: 3 }),
      /after 3 restarts/,
      /logs/,
    ],
    [
      'exposure',
      'a board that is open to all',
      open(false),
      /on the network \(0\.0\.0\.0\), and everybody/,
      /keys add/,
    ],
  ])('%s: %s', async (id, _, change, words, remedy, files) => {
    const finding = await judge(id, change, files);
    expect(finding).toMatchObject({ verdict: 'warn' });
    expect(finding.words).toMatch(words);
    expect(finding.remedy).toMatch(remedy);
  });

  it('exposure: not where keys are needed, and only perhaps where that cannot be seen', async () => {
    expect((await judge('exposure', open(true))).verdict).toBe('ok');
    const hidden = await judge('exposure', open(null));
    expect(hidden).toMatchObject({ verdict: 'skipped', remedy: 'sudo rkllama doctor' });
  });
});

it('takes clocks that follow the load for well, and says how to pin them', async () => {
  const files = Object.fromEntries(
    ['fdab0000.npu', 'dmc'].flatMap((name) => [
      [`${devfreq}/${name}/cur_freq`, '300000000\n'],
      [`${devfreq}/${name}/governor`, `${name}_ondemand\n`],
    ]),
  );
  for (const id of ['clocks', 'ddr']) {
    const finding = await judge(id, () => {}, files);
    expect(finding).toMatchObject({ verdict: 'ok', remedy: expect.stringMatching(/clocks/) });
  }
});

it('knows what whoever asks may open, by whatever rights, where no service is installed', async () => {
  const alone = (usable: boolean) => (f: Facts) => {
    f.installation.account = null;
    f.user = { name: 'pi', uid: 1000, groups: [1000] };
    npu(f, { devices: f.board.npu.devices.map((node) => ({ ...node, usable })) });
  };
  expect((await judge('devices', alone(true))).words).toContain('pi may open /dev/dri/card0');
  expect((await judge('devices', alone(false))).verdict).toBe('fail');
});

describe('a models folder that the unit does not let the service write', () => {
  const at = (realPath: string, sandbox?: object) => (facts: Facts) => {
    Object.assign(facts.modelsFolder, { realPath });
    Object.assign(facts.service?.sandbox ?? {}, sandbox);
  };

  it.each([
    ['/mnt/nvme/models', / ReadWritePaths=\/mnt\/nvme\/models\. Then: sudo systemctl restart/],
    ['/models2', / ReadWritePaths=\/models2\./],
    ['/home/pi/models', / ProtectHome=tmpfs and BindPaths=\/home\/pi\/models\./],
  ])('is told for %s, with what the unit needs', async (path, remedy) => {
    const finding = await judge('disk', at(path));
    expect(finding).toMatchObject({ verdict: 'fail', remedy: expect.stringMatching(remedy) });
    expect(finding.words).toContain(`may not write to ${path}`);
  });

  it('is none where the unit lets it, or where there is no unit', async () => {
    const mounted = at('/mnt/nvme/models/rk', { writable: ['/mnt/nvme/models'] });
    expect((await judge('disk', mounted)).verdict).toBe('ok');
    expect((await judge('disk', at('/mnt/x', { writable: null }))).verdict).toBe('ok');
    const alone = (facts: Facts) => {
      at('/mnt/x')(facts);
      facts.service = null;
    };
    expect((await judge('disk', alone)).verdict).toBe('ok');
  });
});

it.each<[string, (facts: Facts) => unknown, string, RegExp]>([
  ['both', () => {}, 'ok', /^The model fits the board and the runtime\.$/],
  [
    'no board',
    (f) => npu(f, { platform: null }),
    'ok',
    /fits the runtime; there is no board's NPU/,
  ],
  [
    'no runtime',
    (f) => Object.assign(f, { runtime: { library: null, reason: '' }, models: [model(), model()] }),
    'ok',
    /^All 2 fit the board; there is no runtime/,
  ],
  [
    'neither',
    (f) => npu(Object.assign(f, { runtime: { library: null, reason: '' } }), { platform: null }),
    'skipped',
    /^The model is whole; there is neither a board's NPU nor a runtime/,
  ],
])('claims of models what they were compared with: %s', async (_, change, verdict, words) => {
  const finding = await judge('models', change);
  expect(finding).toMatchObject({ verdict, words: expect.stringMatching(words) });
});

it('takes a daemon that starts for no failure', async () => {
  const starts = (f: Facts) =>
    Object.assign(f, { health: null, notReady: 'The models folder is being read.' });
  expect(await judge('service', starts)).toMatchObject({
    verdict: 'warn',
    words: 'The models folder is being read.',
  });
});

it('does not take a service that hangs for another program on the port', async () => {
  const hangs = (f: Facts) =>
    Object.assign(f, { health: null, daemonPlace: null, portIsTaken: true });
  expect((await judge('port', hangs)).verdict).toBe('skipped');
  expect((await judge('service', hangs)).words).toBe('It runs and does not answer.');
});

it('says at which address the daemon answers, when it is not on the configured port', async () => {
  const elsewhere = await judge('port', (f) =>
    Object.assign(f, { daemonPlace: 'http://127.0.0.1:9999' }),
  );
  expect(elsewhere.words).toContain('answers at http://127.0.0.1:9999, and port 8080 is free');
  const here = await judge('port', (f) => Object.assign(f, { daemonPlace: 'http://[::1]:8080' }));
  expect(here.words).toBe('The daemon answers on port 8080.');
});

describe('does not judge', () => {
  const asUser = (facts: Facts) => Object.assign(facts, { isRoot: false });

  it.each<[string, string, (facts: Facts) => unknown]>([
    [
      'driver',
      'a version that only root can read',
      (f) => npu(f, { driverVersion: { value: null, reason: 'only root may read it' } }),
    ],
    [
      'holders',
      'programs of others',
      (f) => Object.assign(asUser(f), { holders: { programs: [], complete: false } }),
    ],
    ['disk', 'a hidden folder', (f) => Object.assign(f.modelsFolder, { state: 'hidden' })],
    ['models', 'a hidden folder', (f) => Object.assign(f.modelsFolder, { state: 'hidden' })],
  ])('%s: %s, and says who can', async (id, _, change) => {
    const finding = await judge(id, change);
    expect(finding).toMatchObject({ verdict: 'skipped', remedy: 'sudo rkllama doctor' });
  });
});

describe('with the simulator', () => {
  const simulated = async () => {
    const facts = await healthy();
    Object.assign(facts.runtime.library ?? {}, { simulator: true });
    npu(facts, { platform: null, driver: null, devices: [], present: false });
    return facts;
  };

  it('asks for no NPU, and says why', async () => {
    const facts = await simulated();
    for (const id of ['soc', 'driver', 'devices', 'holders']) {
      const finding = checks.find((each) => each.id === id)?.judge(facts);
      expect(finding).toMatchObject({
        verdict: 'skipped',
        words: expect.stringMatching(/simulator/),
      });
    }
  });

  it('never takes it for a runtime of Rockchip', async () => {
    const finding = checks.find(({ id }) => id === 'runtime')?.judge(await simulated());
    expect(finding?.words).toMatch(/simulator of 1\.3\.1 .* no NPU/);
  });
});
