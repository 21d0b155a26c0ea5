import { mayReadAndWrite } from '../../../board/index.ts';
import { compareVersions } from '../../../library/index.ts';
import { type Check, fail, ok, skipped, warn } from '../check.ts';

const vendorKernel =
  "Boot Rockchip's vendor kernel, for instance an Armbian image with the kernel branch vendor.";
/** RKLLM SDK manual 1.3.0 asks for it. */
const advisedDriver = '0.9.8';
/** The runtime warns below it, and models above 3 GB fail to allocate (rknn-llm issues 335, 437). */
const roomyDriver = '0.9.7';
/** 0.8.2 fails at the first run (rknn-llm issue 413). */
const oldestDriver = '0.9.0';

export const soc: Check = {
  id: 'soc',
  title: 'The SoC has an NPU for language models',
  judge: ({ board, runtime }) => {
    const { platform } = board.npu;
    if (platform !== null) return ok(`${board.name.value ?? 'This board'} has an ${platform}.`);
    if (runtime.library?.simulator) return simulated;
    return fail(
      'This is no board with an RK3588, RK3576, RK3562 or RV1126B.',
      'Run rkllamad on such a board; README.md names some.',
    );
  },
};

export const driver: Check = {
  id: 'driver',
  title: "Rockchip's NPU driver is loaded, and new enough",
  judge: ({ board, runtime }) => {
    const { driver, driverVersion } = board.npu;
    if (runtime.library?.simulator && driver !== 'rknpu') return simulated;
    if (board.npu.platform === null) return noBoard;
    if (driver === 'rocket') {
      return fail(
        "The NPU has mainline Linux's driver rocket, with which librkllmrt.so does not work.",
        vendorKernel,
      );
    }
    if (driver === null) return fail('The NPU has no driver in this kernel.', vendorKernel);
    const version = driverVersion.value;
    if (version === null) {
      return skipped(`rknpu is loaded; its version is not known: ${driverVersion.reason}.`, asRoot);
    }
    if (compareVersions(version, oldestDriver) < 0) {
      return fail(`rknpu ${version} is too old for any model.`, updateKernel);
    }
    if (compareVersions(version, roomyDriver) < 0) {
      return warn(
        `rknpu ${version} may not load models above 3 GB; ${advisedDriver} is advised.`,
        updateKernel,
      );
    }
    if (compareVersions(version, advisedDriver) < 0) {
      return warn(`rknpu ${version} works; Rockchip asks for ${advisedDriver}.`, updateKernel);
    }
    return ok(`rknpu ${version}.`);
  },
};

export const devices: Check = {
  id: 'devices',
  title: 'The service may open the NPU',
  judge: ({ board, user, service, runtime, installation }) => {
    const { devices: nodes } = board.npu;
    if (runtime.library?.simulator && nodes.length === 0) return simulated;
    if (board.npu.platform === null) return noBoard;
    if (nodes.length === 0) {
      return fail('The NPU has no device node: neither in /dev/dri nor /dev/rknpu.', vendorKernel);
    }
    // Who asks for himself may have more rights than the bits tell: desktops add ACLs.
    const isOwn = installation.account === null;
    const closed = nodes.filter((node) => (isOwn ? !node.usable : !mayReadAndWrite(node, user)));
    // The runtime opens the primary node; the others are of use to other programs.
    const needed = closed.filter(({ kind }) => kind !== 'drm-render');
    const names = (some: typeof nodes) => some.map(({ path }) => path).join(', ');
    if (needed.length === 0) return ok(`The user ${user.name} may open ${names(nodes)}.`);
    const restart = service ? ' && sudo systemctl restart rkllamad' : ', and log in again';
    return fail(
      `The user ${user.name} may not open ${names(needed)}.`,
      `sudo usermod -aG video,render ${user.name}${restart}`,
    );
  },
};

export const holders: Check = {
  id: 'holders',
  title: 'No other program holds the NPU',
  judge: (facts) => {
    const { board, holders: found, service, status, health, isRoot, runtime } = facts;
    if (board.npu.devices.length === 0) {
      return runtime.library?.simulator ? simulated : skipped('The NPU has no device node.');
    }
    const loaded = status?.models ?? [];
    if (status === null && health?.models_loaded) {
      return skipped(
        'The daemon has models loaded; which programs are its own is not known.',
        asRoot,
      );
    }
    const ours = new Set([service?.mainPid, status?.pid, ...loaded.map((model) => model['pid'])]);
    const others = found.programs.filter(
      ({ pid, name }) => !ours.has(pid) && !displayPrograms.includes(name),
    );
    if (others.length > 0) {
      const shown = others.map(({ name, pid }) => `${name} (${pid})`).join(', ');
      return warn(
        `The NPU's device is open in ${shown}: two programs that use it at once can stop the kernel.`,
        'End it before a model is loaded.',
      );
    }
    if (!found.complete && !isRoot) return skipped("Other users' programs cannot be seen.", asRoot);
    return ok('None was found.');
  },
};

export const temperature: Check = {
  id: 'temperature',
  title: 'The board is cool enough to keep its clocks',
  judge: ({ board: { temperatures } }) => {
    if (temperatures.value === null) return skipped(`It is not known: ${temperatures.reason}.`);
    const [hottest] = temperatures.value.toSorted((a, b) => b.celsius - a.celsius);
    if (!hottest) return skipped('No zone tells it.');
    const words = `${hottest.name} has ${Math.round(hottest.celsius)} °C.`;
    return hottest.celsius >= hotCelsius
      ? warn(
          `${words} From about here on the kernel lowers the clocks.`,
          'Mount a heat sink or a fan.',
        )
      : ok(words);
  },
};

const hotCelsius = 80;
const asRoot = 'sudo rkllama doctor';
const updateKernel =
  'Update the kernel of the board (sudo apt update && sudo apt full-upgrade), or change to an image with a newer vendor kernel.';
const noBoard = skipped('This is no board with such an NPU.');
/** They open every graphics device, and leave the NPU alone. */
const displayPrograms = [
  'Xorg',
  'Xwayland',
  'gnome-shell',
  'kwin_wayland',
  'weston',
  'systemd-logind',
];
const simulated = skipped('The simulator answers in the place of an NPU.');
