/**
 * Formats of strings that are guaranteed, as patterns of what may be written: each is what
 * `ajv-formats` calls valid, or a plain part of it. Formats that are not here are annotations.
 */
const name = '[a-z0-9]+(?:_[a-z0-9]+)*';
/** Calendars of programming languages begin in year 1, and no board lives to see 3000. */
const year = '[12]\\d{3}';
const leapYear = '(?:[12]\\d(?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)';
const date = `(?:${year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|${leapYear}-02-29)`;
const clock = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?';
const zone = '(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `${byte}(?:\\.${byte}){3}`;
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?';
/** At most four labels, which keeps them below 253 characters. */
const host = `${label}(?:\\.${label}){0,3}`;
const site = '[A-Za-z0-9]{1,24}(?:-[A-Za-z0-9]{1,24}){0,2}';
const domain = `${label}(?:\\.${label}){0,2}\\.[a-z]{2,24}`;
const escaped = '%[0-9A-Fa-f]{2}';
const pathCharacter = `(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|${escaped})`;
const path = `(?:/${pathCharacter}*)*`;
const query = `(?:\\?(?:${pathCharacter}|[/?])*)?`;
const fragment = `(?:#(?:${pathCharacter}|[/?])*)?`;
const pointer = '(?:/(?:[^~/]|~[01])*)*';
const amount = '\\d{1,9}';
const times = `T(?:${amount}H(?:${amount}M)?(?:${amount}S)?|${amount}M(?:${amount}S)?|${amount}S)`;
const days = `(?:${amount}Y(?:${amount}M)?(?:${amount}D)?|${amount}M(?:${amount}D)?|${amount}D)`;
const word = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";

const standard = {
  date,
  time: clock + zone,
  'date-time': `${date}T${clock}${zone}`,
  'iso-time': `${clock}${zone}?`,
  'iso-date-time': `${date}T${clock}${zone}?`,
  duration: `P(?:${amount}W|${days}(?:${times})?|${times})`,
  email: `${word}(?:\\.${word})*@${domain}`,
  hostname: host,
  ipv4,
  ipv6: ipv6(),
  uri: `(?:[A-Za-z][A-Za-z0-9+.-]*://${host}(?::\\d{1,5})?${path}|(?:mailto|tel|urn|data):${pathCharacter}+)${query}${fragment}`,
  // Ajv wants a slash before a query and before a fragment, and no two hyphens in a row.
  url: `https?://${site}(?:\\.${site}){0,2}\\.[a-z]{2,24}(?::\\d{2,5})?(?:/${pathCharacter}*${path}${query}${fragment})?`,
  'uri-reference': `(?:[A-Za-z][A-Za-z0-9+.-]*://${host}(?::\\d{1,5})?)?${path}${query}${fragment}`,
  'uri-template': `(?:${pathCharacter}|[/?#]|\\{[A-Za-z0-9_]+\\})*`,
  uuid: '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}',
  'json-pointer': pointer,
  'relative-json-pointer': `(?:0|[1-9]\\d{0,9})(?:#|${pointer})`,
  byte: '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?',
};

const homeAssistant = {
  entity_id: `${name}\\.${name}`,
  'RFC 5646': '[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\\d{3}))?(?:-[A-Za-z0-9]{5,8})*',
  'ISO 3166-1 alpha-2': '[A-Z]{2}',
};

/** Home Assistant's formats, which `ajv-formats` does not know, as patterns. */
export const ownFormats: ReadonlyMap<string, string> = anchored(homeAssistant);

/** All formats of strings that are guaranteed, as patterns. */
const patterns = new Map([...anchored(standard), ...ownFormats]);

const sources: ReadonlySet<string> = new Set(patterns.values());

/** Formats of numbers are guaranteed as bounds. */
export const guaranteedFormats: ReadonlySet<string> = new Set([
  ...patterns.keys(),
  'int32',
  'int64',
]);

/** The pattern of a format of strings; undefined: it is an annotation. */
export function formatPattern(format: string): string | undefined {
  return patterns.get(format);
}

/** Whether a pattern is that of a format. */
export function isFormatPattern(pattern: string): boolean {
  return sources.has(pattern);
}

function anchored(formats: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(formats).map(([format, pattern]) => [format, `^(?:${pattern})$`]));
}

/** Eight groups, or fewer around `::`. */
function ipv6(): string {
  const group = '[0-9A-Fa-f]{1,4}';
  const shortened = Array.from({ length: 7 }, (_, before) => {
    const head = before === 0 ? '' : `${group}(?::${group}){${before - 1}}`;
    const after = 6 - before;
    return `${head}::${after === 0 ? '' : `(?:${group}(?::${group}){0,${after - 1}})?`}`;
  });
  return [`${group}(?::${group}){7}`, ...shortened].join('|');
}
