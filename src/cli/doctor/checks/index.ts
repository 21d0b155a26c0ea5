import type { Check } from '../check.ts';
import { clocks, ddr } from './clocks.ts';
import { devices, driver, holders, soc, temperature } from './hardware.ts';
import { memory, models, runtime } from './runtime.ts';
import { config, exposure, port, service } from './service.ts';
import { disk, openFiles, time } from './system.ts';

/** From the board up to the network. */
export const checks: readonly Check[] = [
  soc,
  driver,
  devices,
  holders,
  temperature,
  clocks,
  ddr,
  memory,
  runtime,
  models,
  disk,
  openFiles,
  time,
  config,
  service,
  port,
  exposure,
];
