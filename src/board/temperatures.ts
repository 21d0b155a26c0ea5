/** Temperatures, by the names that the kernel gives the zones; their numbers vary from board to board. */
import { type BoardFiles, known, type Reading, unknown } from './files.ts';

export interface Temperature {
  /** `npu-thermal`, `soc-thermal`, ... */
  name: string;
  celsius: number;
}

const folder = '/sys/class/thermal';

export async function readTemperatures(
  files: BoardFiles,
): Promise<Reading<readonly Temperature[]>> {
  const zones = (await files.list(folder)).filter((name) => /^thermal_zone\d+$/.test(name));
  const found = await Promise.all(zones.map((zone) => readZone(files, `${folder}/${zone}`)));
  const temperatures = found.flatMap((zone) => zone ?? []);
  return temperatures.length === 0
    ? unknown(`this kernel has no ${folder}/thermal_zone* that tells one`)
    : known(temperatures);
}

/** Null for a zone that is switched off, which gives an error. */
async function readZone(files: BoardFiles, path: string): Promise<Temperature | null> {
  const [name, millidegrees] = await Promise.all([
    files.text(`${path}/type`),
    files.number(`${path}/temp`),
  ]);
  if (name.value === null || millidegrees.value === null) return null;
  return { name: name.value, celsius: millidegrees.value / 1000 };
}
