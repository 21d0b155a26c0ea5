import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, truncate, writeFile } from 'node:fs/promises';
import { follow } from './follow.ts';

interface Machine {
  /** Path of the image without its ending: `.img`, `.vmlinuz` and `.initrd` are beside it. */
  image: string;
  /** Folder that the machine gets as its second disk, with a program `start`. */
  payload: string;
  /** Where to keep what the machine says. */
  log: string;
  /** Port of this machine's loopback that leads to port 8080 of the guest. */
  hostPort: number;
  limitSeconds: number;
  onLine(line: string): void;
}

/** Boots an emulated arm64 machine, and resolves when it has powered itself off. */
export async function bootMachine(machine: Machine): Promise<void> {
  const { image, payload, log, hostPort, limitSeconds, onLine } = machine;
  const disk = `${payload}.tar`;
  // Files as root's, or apt could not read them.
  const tar = spawnSync('tar', ['-C', payload, '--owner=0', '--group=0', '-cf', disk, '.']);
  if (tar.status !== 0) throw new Error(`tar failed: ${tar.stderr}`);
  // A disk ends with a whole sector.
  await truncate(disk, Math.ceil((await sizeOf(disk)) / 1_048_576) * 1_048_576);
  await writeFile(log, '');
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  const qemu = spawn(
    'nice',
    ['-n', '5', 'qemu-system-aarch64', ...hardware({ image, disk, log, hostPort })],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      signal: limit,
      killSignal: 'SIGKILL',
    },
  );
  const ended = once(qemu, 'close').catch((error: unknown) => {
    throw limit.aborted ? new Error(`not done after ${limitSeconds} s`) : error;
  });
  const reader = follow(log, onLine);
  try {
    const [code] = await ended;
    if (code !== 0) throw new Error(`the emulator ended with ${code}`);
  } finally {
    await reader.stop();
    await rm(disk);
  }
}

interface Parts {
  image: string;
  disk: string;
  log: string;
  hostPort: number;
}

/** A board with the cores of an RK3588, as far as the emulator has them. */
function hardware({ image, disk, log, hostPort }: Parts): string[] {
  return [
    ...['-M', 'virt', '-cpu', 'cortex-a76', '-smp', '2', '-m', '2048'],
    ...['-accel', 'tcg,thread=multi', '-display', 'none', '-monitor', 'none', '-no-reboot'],
    ...['-serial', `file:${log}.console`],
    ...['-kernel', `${image}.vmlinuz`, '-initrd', `${image}.initrd`],
    ...['-append', 'root=/dev/vda rw console=ttyAMA0 panic=-1'],
    // The image stays as it is: what the machine writes is thrown away.
    ...['-drive', `file=${image}.img,format=raw,if=none,id=system,snapshot=on`],
    ...['-device', 'virtio-blk-pci,drive=system'],
    ...['-drive', `file=${disk},format=raw,if=none,id=payload,readonly=on`],
    ...['-device', 'virtio-blk-pci,drive=payload', '-device', 'virtio-rng-pci'],
    ...['-device', 'virtio-serial-pci', '-chardev', `file,id=report,path=${log}`],
    ...['-device', 'virtserialport,chardev=report,name=report'],
    // No way out, and one way in. It needs no program to start from the network.
    '-netdev',
    `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${hostPort}-10.0.2.15:8080`,
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
}

async function sizeOf(path: string): Promise<number> {
  await using file = await open(path);
  return (await file.stat()).size;
}
