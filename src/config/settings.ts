/** One table of settings: schema, default, environment variable and what it means. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

interface Setting<T> {
  /** Environment variables, the first that is set counts. */
  environment: readonly string[];
  description: string;
  schema: z.ZodType<T>;
  fallback: T;
}

const setting = <T>(definition: Setting<T>): Setting<T> => definition;
const wholeNumber = (min: number, max: number) => {
  const error = `it must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};
const optionalText = z.string().min(1).optional();
const yesOrNo = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform((value) => ['true', '1', 'yes'].includes(value));

export const settings = {
  host: setting({
    environment: ['RKLLAMA_HOST'],
    description: 'Address to listen on; 0.0.0.0 serves the whole network.',
    schema: z.string().min(1),
    fallback: '127.0.0.1',
  }),
  port: setting({
    environment: ['RKLLAMA_PORT'],
    description: 'TCP port; 0 takes a free one.',
    schema: wholeNumber(0, 65535),
    fallback: 8080,
  }),
  home: setting({
    environment: ['RKLLAMA_HOME'],
    description: 'Folder of the appliance: models/ and runtime/ are in it.',
    schema: z.string().min(1),
    fallback: join(homedir(), 'RKLLAMA'),
  }),
  models: setting<string | undefined>({
    environment: ['RKLLAMA_MODELS'],
    description: 'Folder of the models; models/ in the home folder when not set.',
    schema: optionalText,
    fallback: undefined,
  }),
  runtimeLibrary: setting<string | undefined>({
    environment: ['RKLLM_LIB'],
    description: 'Path of librkllmrt.so; searched for when not set.',
    schema: optionalText,
    fallback: undefined,
  }),
  runtimeAbi: setting<string | undefined>({
    environment: ['RKLLAMA_RUNTIME_ABI'],
    description: 'Version whose ABI is used whatever the library states. At your own risk.',
    schema: optionalText,
    fallback: undefined,
  }),
  contextLength: setting({
    environment: ['RKLLAMA_CONTEXT_LENGTH'],
    description: 'Context of a loaded model in tokens; less where the file allows less.',
    schema: wholeNumber(32, 262144),
    fallback: 4096,
  }),
  cpuMask: setting<number | undefined>({
    environment: ['RKLLAMA_CPU_MASK'],
    description: 'CPUs that serve the runtime, as a bit mask (0xF0: the big cores of an RK3588).',
    schema: wholeNumber(1, 0xffff),
    fallback: undefined,
  }),
  embedFlash: setting({
    environment: ['RKLLAMA_EMBED_FLASH'],
    description: 'Read the embedding table from the file on demand; saves memory.',
    schema: yesOrNo,
    fallback: true,
  }),
  queueLimit: setting({
    environment: ['RKLLAMA_QUEUE_LIMIT'],
    description: 'Most requests that wait for the NPU; one more is answered 503.',
    schema: wholeNumber(0, 100_000),
    fallback: 512,
  }),
  parallel: setting({
    environment: ['RKLLAMA_PARALLEL'],
    description: 'Most models that generate at once; they share the NPU, and each is slower.',
    schema: wholeNumber(1, 15),
    fallback: 1,
  }),
  keepAlive: setting({
    environment: ['RKLLAMA_KEEP_ALIVE'],
    description: 'How long a model stays after its last answer: 300 (seconds), 5m, -1 for ever.',
    schema: z.string().min(1),
    fallback: '30m',
  }),
  pinned: setting<readonly string[]>({
    environment: ['RKLLAMA_PINNED'],
    description: 'Models that are loaded at the start and stay, with commas between them.',
    schema: z.string().transform((names) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
    fallback: [],
  }),
  hubEndpoint: setting({
    environment: ['RKLLAMA_HUB_ENDPOINT', 'HF_ENDPOINT'],
    description: 'Hugging Face, or a mirror of it.',
    schema: z.url(),
    fallback: 'https://huggingface.co',
  }),
  hubToken: setting<string | undefined>({
    environment: ['RKLLAMA_HUB_TOKEN', 'HF_TOKEN'],
    description: 'Token for gated and private models.',
    schema: optionalText,
    fallback: undefined,
  }),
  logLevel: setting({
    environment: ['RKLLAMA_LOG_LEVEL'],
    description: 'How much is logged: fatal, error, warn, info, debug, trace or silent.',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
  }),
};

type Values = {
  [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never;
};
export type Config = Omit<Values, 'models'> & { models: string };
