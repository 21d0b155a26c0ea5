/** Rockchip's runtime on this machine: which releases there are, which are here, which is used. */

export { bestFit, type Fit, faultWith, fitOf, type ModelNeeds } from './choose.ts';
export { digestNames, publishedDigests } from './digest.ts';
export { type InstalledRuntime, installFile, installRelease, requireBoard } from './install.ts';
export { licenceNotice, type Release, releases } from './releases.ts';
export { type Durable, type Installed, RuntimeStore } from './store.ts';
