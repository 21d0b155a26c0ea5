import { describe, expect, it } from 'vitest';
import { compileGuide, type Guide } from '../../../src/engine/guide/index.ts';

const tool = (index: number) => ({
  type: 'object',
  description: 'What it does, in the words of its integration. '.repeat(10),
  properties: { area: { type: 'string' }, scene: { enum: [`scene ${index}`, 'none'] } },
  required: ['area'],
});

async function compile(count: number): Promise<Guide[]> {
  const guides: Guide[] = [];
  for (let index = 0; index < count; index += 1) guides.push(await compileGuide(tool(index)));
  return guides;
}

describe('a schema that comes again', () => {
  it('has the guide that it had, also among the many tools of a house', async () => {
    const first = await compile(40);
    const again = await compile(40);
    expect(again.filter((guide, index) => guide !== first[index])).toHaveLength(0);
  });

  it('has a new one when many others came between', async () => {
    const [first] = await compile(1);
    await compile(150);
    expect((await compile(1))[0]).not.toBe(first);
  });
});
