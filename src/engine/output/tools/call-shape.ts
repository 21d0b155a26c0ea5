/** The shapes in which models put a call's name and arguments. */
import type { JsonObject, Tool, ToolCall } from '../../types.ts';
import { coerceArguments, isObject } from './coerce.ts';
import { WrittenCall } from './loose-frame.ts';
import { LooseReader } from './loose-json.ts';
import type { ToolBox } from './tool-box.ts';

const nameKeys = ['name', 'function', 'tool', 'tool_name', 'function_name', 'action'];
const argumentKeys = [
  'arguments',
  'parameters',
  'args',
  'input',
  'params',
  'kwargs',
  'tool_input',
  'action_input',
  'tool_arguments',
];
const wrapperKeys = ['tool_calls', 'tool_call', 'function_call', 'function'];
const idKeys = ['id', 'tool_call_id', 'call_id'];
const callKeys = new Set([
  ...nameKeys,
  ...argumentKeys,
  ...wrapperKeys,
  ...idKeys,
  'type',
  'index',
]);

/** The calls that a value makes; null where any part of it is none. */
export function callsOf(value: unknown, tools: ToolBox): ToolCall[] | null {
  if (Array.isArray(value)) return callsOfAll(value, tools);
  if (value instanceof WrittenCall) return pythonCall(value, tools);
  if (!isObject(value)) return null;
  for (const key of wrapperKeys) {
    const inner = value[key];
    if (typeof inner === 'object' && inner !== null) return withId(value, callsOf(inner, tools));
  }
  const call = namedCall(value, tools) ?? keyedCall(value, tools);
  return call === null ? null : withId(value, [call]);
}

/** Whether an object that begins with this key, and value as far as it is known, may be a call. */
export function mayBeCall(tools: ToolBox, key: string, value?: unknown): boolean {
  if (tools.exact(key) !== null) return true;
  if (!callKeys.has(key)) return false;
  if (key === 'type' && typeof value === 'string') return /function|tool/.test(value);
  if (!nameKeys.includes(key) || typeof value !== 'string') return true;
  return tools.find(value) !== null;
}

export function isArgumentKey(key: string): boolean {
  return argumentKeys.includes(key);
}

export function makeCall(tool: Tool, values: JsonObject): ToolCall {
  return { name: tool.name, arguments: coerceArguments(values, tool.parameters) };
}

/** `name(...)`, its arguments by name; one by place where the tool has just one to give. */
export function writtenArguments(tool: Tool, call: WrittenCall): JsonObject | null {
  const { named, positional } = call;
  const [first, ...more] = positional;
  if (first === undefined) return named;
  if (more.length > 0 || Object.keys(named).length > 0) return null;
  if (isObject(first)) return first;
  const properties = Object.keys(propertiesOf(tool));
  const required: unknown = tool.parameters['required'];
  const wanted = properties.length > 1 && Array.isArray(required) ? required : properties;
  const [only] = wanted;
  return wanted.length === 1 && typeof only === 'string' ? { [only]: first } : null;
}

function callsOfAll(values: readonly unknown[], tools: ToolBox): ToolCall[] | null {
  const calls: ToolCall[] = [];
  for (const value of values) {
    const more = callsOf(value, tools);
    if (more === null) return null;
    calls.push(...more);
  }
  return calls.length > 0 ? calls : null;
}

function pythonCall(call: WrittenCall, tools: ToolBox): ToolCall[] | null {
  if (call.name === 'print') return callsOf(call.positional, tools);
  const tool = tools.find(call.name);
  const values = tool === null ? null : writtenArguments(tool, call);
  return tool === null || values === null ? null : [makeCall(tool, values)];
}

/** `{"name": ..., "arguments": {...}}` and its kin. */
function namedCall(value: JsonObject, tools: ToolBox): ToolCall | null {
  for (const nameKey of nameKeys) {
    const written = value[nameKey];
    const tool = typeof written === 'string' ? tools.find(written) : null;
    if (tool === null) continue;
    const { [nameKey]: _, ...others } = value;
    const values = givenArguments(others, tool) ?? flatArguments(others, tool);
    if (values !== null) return makeCall(tool, values);
  }
  return null;
}

/** `{"get_weather": {...}}`. */
function keyedCall(value: JsonObject, tools: ToolBox): ToolCall | null {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return null;
  const [key, values] = entry;
  const tool = tools.exact(key);
  return tool === null || !isObject(values) ? null : makeCall(tool, values);
}

function givenArguments(others: JsonObject, tool: Tool): JsonObject | null {
  for (const key of argumentKeys) {
    if (!Object.hasOwn(others, key)) continue;
    const values = argumentObject(others[key]);
    // A model that repeats the tool's description calls nothing.
    if (values !== null) return isSchema(values, tool) ? null : values;
  }
  return null;
}

function argumentObject(value: unknown): JsonObject | null {
  if (isObject(value)) return value;
  if (value === null || value === '') return {};
  if (Array.isArray(value)) {
    const [first, ...more] = value;
    if (first === undefined) return {};
    return more.length === 0 && isObject(first) ? first : null;
  }
  return typeof value === 'string' ? objectIn(value.trim()) : null;
}

/** The object that a string holds. */
function objectIn(text: string): JsonObject | null {
  if (!text.startsWith('{')) return null;
  const reader = new LooseReader('{', { calls: false });
  for (let i = 1; i < text.length; i++) {
    const progress = reader.push(text.charAt(i));
    if (progress === 'failed') return null;
    if (progress === 'done')
      return i === text.length - 1 && isObject(reader.value) ? reader.value : null;
  }
  return null;
}

function isSchema(values: JsonObject, tool: Tool): boolean {
  const own = propertiesOf(tool);
  return values['type'] === 'object' && isObject(values['properties']) && !('properties' in own);
}

/** Arguments beside the name, without an object of their own. */
function flatArguments(others: JsonObject, tool: Tool): JsonObject | null {
  const own = propertiesOf(tool);
  const values = Object.entries(others).filter(
    ([key, value]) => !idKeys.includes(key) && !(key === 'type' && value === 'function'),
  );
  return values.every(([key]) => Object.hasOwn(own, key)) ? Object.fromEntries(values) : null;
}

function propertiesOf(tool: Tool): JsonObject {
  const { properties } = tool.parameters;
  return isObject(properties) ? properties : {};
}

function withId(value: JsonObject, calls: ToolCall[] | null): ToolCall[] | null {
  const id = idKeys.map((key) => value[key]).find((one) => typeof one === 'string' && one !== '');
  const [call, ...more] = calls ?? [];
  if (call === undefined || more.length > 0 || typeof id !== 'string') return calls;
  return [{ id, ...call }];
}
