/**
 * The C functions of librkllmrt, bound with koffi for one ABI group.
 * Source: RKLLM SDK headers 1.1.0 to 1.3.1.
 */
import koffi, { type LibraryHandle, type TypeObject } from 'koffi';
import { layoutOf, type Scalar, type StructName } from './abi.ts';
import type { Address } from './memory.ts';
import { type AbiGroup, isAtLeast } from './versions.ts';

type NativeFunction = ReturnType<LibraryHandle['func']>;
type ArgumentTypes = (string | TypeObject | ReturnType<typeof koffi.out>)[];

const koffiScalar: Record<Scalar, string> = {
  bool: 'bool',
  i8: 'int8_t',
  u8: 'uint8_t',
  i32: 'int32_t',
  u32: 'uint32_t',
  f32: 'float',
  size: 'size_t',
  pointer: 'void *',
};

/** koffi's type of a struct, for values that cross by value; `a.b` becomes the member `a_b`. */
export function koffiStruct(name: StructName, group: AbiGroup): TypeObject {
  const members: Record<string, TypeObject | string> = {};
  for (const [field, { type }] of layoutOf(name, group).fields) {
    const member = field.replace('.', '_');
    if (typeof type === 'string') members[member] = koffiScalar[type];
    else if ('bytes' in type) members[member] = koffi.array('uint8_t', type.bytes);
    else members[member] = koffiStruct(type.struct, group);
  }
  return koffi.struct(members);
}

/** `int (*)(RKLLMResult *, void *userdata, LLMCallState)`; `void` until 1.2.1b1, which ignores it. */
const resultCallback = koffi.proto('int', ['void *', 'void *', 'int']);
/** `int (*)(void *userdata, const char *text, int len, int32_t *out, int max)`, since 1.3.0. */
const tokenizerCallback = koffi.proto('int', ['void *', 'void *', 'int', 'void *', 'int']);
/**
 * `int (*)(void *userdata, int32_t *tokens, int n, float *out, int bytes)`, since 1.3.0. Lengths are
 * read as 32 bits, which is right for either width below 2 GiB.
 */
const embedCallback = koffi.proto('int', ['void *', 'void *', 'int', 'void *', 'int']);

export type ResultCallback = (result: Address, userdata: Address, state: number) => number;
export type TokenizerCallback = (
  userdata: Address,
  text: Address,
  length: number,
  out: Address,
  max: number,
) => number;
export type EmbedCallback = (
  userdata: Address,
  tokens: Address,
  count: number,
  out: Address,
  bytes: number,
) => number;

export function registerResultCallback(callback: ResultCallback): Address {
  return koffi.register(callback, koffi.pointer(resultCallback));
}
export function registerTokenizerCallback(callback: TokenizerCallback): Address {
  return koffi.register(callback, koffi.pointer(tokenizerCallback));
}
export function registerEmbedCallback(callback: EmbedCallback): Address {
  return koffi.register(callback, koffi.pointer(embedCallback));
}

const handle = 'void *';

/** Arguments of every function, and the first group that has it. */
const signatures = {
  rkllm_init: { since: 'A', args: [koffi.out(koffi.pointer('void *')), 'void *', 'void *'] },
  rkllm_run: { since: 'A', args: [handle, 'void *', 'void *', 'void *'] },
  rkllm_run_async: { since: 'A', args: [handle, 'void *', 'void *', 'void *'] },
  rkllm_abort: { since: 'A', args: [handle] },
  rkllm_is_running: { since: 'A', args: [handle] },
  rkllm_destroy: { since: 'A', args: [handle] },
  rkllm_load_lora: { since: 'A', args: [handle, 'void *'] },
  rkllm_load_prompt_cache: { since: 'A', args: [handle, 'str'] },
  rkllm_release_prompt_cache: { since: 'A', args: [handle] },
  rkllm_set_chat_template: { since: 'B', args: [handle, 'str', 'str', 'str'] },
  rkllm_get_kv_cache_size: { since: 'C', args: [handle, 'void *'] },
  rkllm_set_function_tools: { since: 'C', args: [handle, 'str', 'str', 'str'] },
  rkllm_set_cross_attn_params: { since: 'C', args: [handle, 'void *'] },
} satisfies Record<string, { since: AbiGroup; args: ArgumentTypes }>;

export type NativeFunctionName = keyof typeof signatures | 'rkllm_clear_kv_cache';

export class NativeLibrary {
  readonly group: AbiGroup;
  readonly #library: LibraryHandle;
  readonly #functions = new Map<string, NativeFunction>();

  /** Opens the library; throws with the loader's words when it refuses the file. */
  constructor(path: string, group: AbiGroup) {
    this.group = group;
    this.#library = open(path);
    for (const [name, { since, args }] of Object.entries(signatures)) {
      if (isAtLeast(group, since)) this.#bind(name, args);
    }
    // Two arguments in 1.2.0 and 1.2.1b1, four since 1.2.1.
    if (isAtLeast(group, 'C'))
      this.#bind('rkllm_clear_kv_cache', [handle, 'int', 'void *', 'void *']);
    else if (isAtLeast(group, 'B')) this.#bind('rkllm_clear_kv_cache', [handle, 'int']);
  }

  /** `rkllm_createDefaultParam`: what the library would choose, field by field. */
  defaultParam(): unknown {
    const type = koffiStruct('Param', this.group);
    return this.#library.func('rkllm_createDefaultParam', type, [])();
  }

  /** True when this version of the library has the function. */
  has(name: NativeFunctionName): boolean {
    return this.#functions.has(name);
  }

  /** Calls on this thread; for functions that return at once. */
  call(name: NativeFunctionName, ...args: unknown[]): number {
    return this.#function(name)(...args);
  }

  /** Calls on a thread of its own; callbacks are relayed to this one. Resolves with the result. */
  callAsync(name: NativeFunctionName, ...args: unknown[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const native = this.#function(name);
      if (args.some((arg) => typeof arg === 'string' && arg.includes('\0'))) {
        throw new TypeError('text for the runtime contains a NUL character');
      }
      native.async(...args, (error: unknown, result: number) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  }

  #bind(name: string, args: ArgumentTypes): void {
    this.#functions.set(name, this.#library.func(name, 'int', args));
  }

  #function(name: NativeFunctionName): NativeFunction {
    const native = this.#functions.get(name);
    if (native === undefined) throw new TypeError(`${name} does not exist in ABI ${this.group}`);
    return native;
  }
}

function open(path: string): LibraryHandle {
  try {
    return koffi.load(path);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path}: ${words}`, { cause });
  }
}
