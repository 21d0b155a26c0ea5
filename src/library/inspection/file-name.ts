/** What converters write into file names, for instance `Qwen2.5-3B-Instruct-rk3588-w8a8_g128-opt-1.rkllm`. */
export interface FileNameFacts {
  readonly platform: string | null;
  readonly quantization: string | null;
  readonly parameterSize: string | null;
}

export function factsOfFileName(name: string): FileNameFacts {
  const platform = /(?<![a-z0-9])(rk3588|rk3576|rk3562|rv1126b)(?=s?(?![a-z0-9]))/i.exec(name);
  const quantization = /(?<![a-z0-9])(w\d+a\d+)(?:[_-](g\d+))?(?![a-z0-9])/i.exec(name);
  const size = /(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])/i.exec(name);
  return {
    platform: platform?.[1]?.toUpperCase() ?? null,
    quantization: quantization
      ? [quantization[1], quantization[2]].filter(Boolean).join('_').toLowerCase()
      : null,
    parameterSize: size ? `${size[1]}${size[2]?.toUpperCase()}` : null,
  };
}
