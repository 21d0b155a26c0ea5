export { type Npu, readNpu } from './npu.ts';
