/** Which programs have the NPU open. */
import { BoardFiles } from './files.ts';

export interface Holder {
  pid: number;
  /** The program's name. */
  name: string;
}

export interface Holders {
  programs: readonly Holder[];
  /** False when other users' programs could not be looked at: only root may. */
  complete: boolean;
}

/** Programs with one of `nodes` open, by their file descriptors. */
export async function npuHolders(nodes: readonly string[], root = '/'): Promise<Holders> {
  const files = new BoardFiles(root);
  const pids = (await files.list('proc')).filter((name) => /^\d+$/.test(name));
  const programs: Holder[] = [];
  let complete = true;
  for (const pid of pids) {
    const descriptors = await files.list(`/proc/${pid}/fd`);
    // A folder that nobody may list looks empty; every program has at least one open file, but a
    // kernel thread has none.
    if (descriptors.length === 0 && (await files.link(`/proc/${pid}/exe`)) === null) {
      complete &&= await isKernelThread(files, pid);
    }
    const open = await Promise.all(descriptors.map((fd) => files.link(`/proc/${pid}/fd/${fd}`)));
    if (open.some((target) => target !== null && nodes.includes(target))) {
      const name = (await files.text(`/proc/${pid}/comm`)).value ?? '?';
      programs.push({ pid: Number(pid), name });
    }
  }
  return { programs, complete };
}

/** Kernel threads have no command line. */
async function isKernelThread(files: BoardFiles, pid: string): Promise<boolean> {
  const commandLine = await files.raw(`/proc/${pid}/cmdline`);
  return commandLine.value === null || commandLine.value === '';
}
