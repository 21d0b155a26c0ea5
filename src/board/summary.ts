/** Everything about the machine at one moment, for a status page or a report. */
import { type Clocks, readClocks } from './clocks.ts';
import { type CpuCores, readCores } from './cpus.ts';
import { type DeviceNode, readDevices } from './devices.ts';
import { BoardFiles, mapped, type Reading } from './files.ts';
import { type NpuLoad, readLoad } from './load.ts';
import { type Memory, readMemory } from './memory.ts';
import { type Npu, readNpu } from './npu.ts';
import { readTemperatures, type Temperature } from './temperatures.ts';

export interface BoardSummary {
  /** As the device tree names the board: `Orange Pi 5 Plus`. */
  name: Reading<string>;
  /** The release of the running kernel. */
  kernel: Reading<string>;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  os: Reading<string>;
  npu: Npu & { load: Reading<NpuLoad>; devices: readonly DeviceNode[] };
  cores: Reading<CpuCores>;
  clocks: Clocks;
  temperatures: Reading<readonly Temperature[]>;
  memory: Reading<Memory>;
}

/**
 * Reads some fifty small files, now; nothing is kept or polled. `root` is
 * where `/proc`, `/sys`, `/dev` and `/etc` are; a folder of fixtures in tests.
 */
export async function boardSummary(root = '/'): Promise<BoardSummary> {
  const files = new BoardFiles(root);
  const clocks = await readClocks(files);
  const npuFolder = clocks.npu.value?.path ?? null;
  const [name, kernel, os, npu, load, devices, cores, temperatures, memory] = await Promise.all([
    files.text('/proc/device-tree/model'),
    files.text('/proc/sys/kernel/osrelease'),
    readOs(files),
    readNpu(root),
    readLoad(files, npuFolder),
    readDevices(files),
    readCores(files),
    readTemperatures(files),
    readMemory(files),
  ]);
  return {
    name,
    kernel,
    os,
    npu: { ...npu, load, devices },
    cores,
    clocks,
    temperatures,
    memory,
  };
}

async function readOs(files: BoardFiles): Promise<Reading<string>> {
  const path = '/etc/os-release';
  return mapped(
    await files.text(path),
    (text) => /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? null,
    path,
  );
}
