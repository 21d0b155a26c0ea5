import { describe, expect, it } from 'vitest';
import { ToolBox } from '../../../../src/engine/output/tools/tool-box.ts';
import { tool } from '../streams.ts';

const box = new ToolBox(
  ['get_weather', 'light.turn_on', 'setA', 'set_a', 'mcp__files__read'].map((name) => tool(name)),
);

describe('ToolBox', () => {
  it.each([
    ['get_weather', 'get_weather'],
    [' get_weather ', 'get_weather'],
    ['GetWeather', 'get_weather'],
    ['get-weather', 'get_weather'],
    ['functions.get_weather', 'get_weather'],
    ['functions.get_weather:0', 'get_weather'],
    ['default_api:get_weather', 'get_weather'],
    ['a/b/get_weather', 'get_weather'],
    ['get_weather.call', 'get_weather'],
    ['light.turn_on', 'light.turn_on'],
    ['light_turn_on', 'light.turn_on'],
    ['mcp.files.read', 'mcp__files__read'],
    ['setA', 'setA'],
    ['set_a', 'set_a'],
  ])('finds for %j: %s', (written, name) => {
    expect(box.find(written)?.name).toBe(name);
  });

  it.each(['SetA', 'weather', 'get_weather_now', '', '.', 'turn_on', '__proto__'])(
    'finds nothing for %j',
    (written) => {
      expect(box.find(written)).toBeNull();
    },
  );
});
