import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLines } from './repository-choices.ts';

/** A body that arrives in these pieces. */
function bodyOf(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function linesOf(pieces: Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const bundle of readLines(bodyOf(pieces))) lines.push(...bundle);
  return lines;
}

describe('reading lines', () => {
  test('they come whole, wherever the body was cut: within a line, or within a letter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }) })),
        fc.array(fc.nat()),
        async (objects, cuts) => {
          const bytes = new TextEncoder().encode(objects.map((each) => `${JSON.stringify(each)}\n`).join(''));
          const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const pieces = [...ends, bytes.length].map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
          expect((await linesOf(pieces)).map((line) => JSON.parse(line))).toEqual(objects);
        },
      ),
    );
  });

  test('a last line without its end counts', async () => {
    expect(await linesOf([new TextEncoder().encode('{"a":1}\n\n{"b":2}')])).toEqual(['{"a":1}', '{"b":2}']);
  });
});
