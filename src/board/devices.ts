/** The device nodes through which a program reaches the NPU. */
import type { BoardFiles, Ownership } from './files.ts';

export interface DeviceNode extends Ownership {
  path: string;
  /** `rknpu` nodes need a `dma-heap` beside them; the two DRM nodes are an NPU each by itself. */
  kind: 'drm-primary' | 'drm-render' | 'rknpu' | 'dma-heap';
  /** True when this process may open it. */
  usable: boolean;
}

const heaps = '/dev/dma_heap';

/**
 * The NPU's nodes. Which of `/dev/dri/*` is the NPU's the driver's link tells; numbers vary, and the
 * runtime opens the primary node (strace of librkllmrt 1.3.1). Kernels without DRM for the NPU have
 * `/dev/rknpu` and the heaps instead.
 */
export async function readDevices(files: BoardFiles): Promise<DeviceNode[]> {
  const drm = (await files.list('/sys/class/drm')).filter((name) =>
    /^(card|renderD)\d+$/.test(name),
  );
  const drivers = await Promise.all(
    drm.map((name) => files.linkName(`/sys/class/drm/${name}/device/driver`)),
  );
  const npus = drm.filter((_, index) => drivers[index] === 'RKNPU');
  const nodes = await Promise.all([
    ...npus.map((name) =>
      readNode(files, `/dev/dri/${name}`, name.startsWith('card') ? 'drm-primary' : 'drm-render'),
    ),
    readNode(files, '/dev/rknpu', 'rknpu'),
  ]);
  const found = nodes.flatMap((node) => node ?? []);
  if (!found.some(({ kind }) => kind === 'rknpu')) return found;
  const heapNodes = (await files.list(heaps)).map((name) =>
    readNode(files, `${heaps}/${name}`, 'dma-heap'),
  );
  return [...found, ...(await Promise.all(heapNodes)).flatMap((node) => node ?? [])];
}

async function readNode(
  files: BoardFiles,
  path: string,
  kind: DeviceNode['kind'],
): Promise<DeviceNode | null> {
  const ownership = await files.ownership(path);
  return ownership && { path, kind, ...ownership, usable: await files.usable(path) };
}
