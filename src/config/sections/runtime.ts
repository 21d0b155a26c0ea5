import { path, text, webAddress, wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const runtime = {
  runtimeLibrary: setting({
    key: 'runtime.library',
    environment: ['RKLLAMA_RUNTIME_LIBRARY', 'RKLLM_LIB'],
    flag: 'runtime-library',
    title: 'Path of librkllmrt.so',
    description: 'Left out, it is searched for: see rkllama runtime list.',
    kind: path,
    fallback: undefined,
    example: '/usr/lib/librkllmrt.so',
    reload: 'restart',
  }),
  runtimeAbi: setting({
    key: 'runtime.abi',
    environment: ['RKLLAMA_RUNTIME_ABI'],
    flag: 'runtime-abi',
    title: 'Version of the runtime whose layout is used',
    description: 'It counts before what the library says of itself, and is at your own risk.',
    kind: text,
    fallback: undefined,
    example: '1.3.1',
    reload: 'restart',
  }),
  runtimeEndpoint: setting({
    key: 'runtime.endpoint',
    environment: ['RKLLAMA_RUNTIME_ENDPOINT'],
    flag: 'runtime-endpoint',
    title: "Rockchip's repository, or a mirror of it",
    description: 'rkllama runtime install fetches librkllmrt.so from there.',
    kind: webAddress,
    fallback: 'https://github.com/airockchip/rknn-llm/raw',
    reload: 'live',
  }),
  cpuMask: setting({
    key: 'runtime.cpu_mask',
    environment: ['RKLLAMA_CPU_MASK'],
    flag: 'cpu-mask',
    title: 'CPUs that serve the runtime',
    description:
      'It is a bit mask: 0xF0 are the big cores of an RK3588. Left out, it is the big cores.',
    kind: wholeNumber(1, 0xffff),
    fallback: undefined,
    example: 240,
    reload: 'restart',
  }),
};
