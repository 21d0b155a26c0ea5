/** A finite number, exactly as its shortest spelling says: `digits * 10 ** -scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

export function decimalOf(value: number): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The largest whole number that is not above `value * 10 ** places`. */
export function floorAt({ digits, scale }: Decimal, places: number): bigint {
  if (places >= scale) return digits * 10n ** BigInt(places - scale);
  const divisor = 10n ** BigInt(scale - places);
  const quotient = digits / divisor;
  return digits < 0n && quotient * divisor !== digits ? quotient - 1n : quotient;
}

/** The smallest whole number that is not below `value * 10 ** places`. */
export function ceilAt(value: Decimal, places: number): bigint {
  return -floorAt({ digits: -value.digits, scale: value.scale }, places);
}

/** What whole numbers of `10 ** -places` have to be divisible by, to be multiples of `value`. */
export function stepAt({ digits, scale }: Decimal, places: number): bigint {
  const multiple = digits < 0n ? -digits : digits;
  if (places >= scale) return multiple * 10n ** BigInt(places - scale);
  return multiple / greatestDivisor(multiple, 10n ** BigInt(scale - places));
}

export function leastMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestDivisor(a, b)) * b;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}
