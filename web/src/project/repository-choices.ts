/** The repositories that one can choose from, as they arrive: one JSON text a line. */
import type { ChoiceFault, ChoiceLine, RepositoryChoice } from 'bff';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readProblem, unreachable } from '../api.ts';

/** The lines of a body, whole, however it was cut on its way; each bundle as soon as it is there. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string[]> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    const whole = lines.filter((line) => line.trim() !== '');
    if (whole.length > 0) yield whole;
    if (done) return;
  }
}

/** Asks, and hands on what arrives. True: all of it came. Throws a `Problem` when nothing did. */
async function readChoices(
  org: string,
  signal: AbortSignal,
  onLines: (lines: ChoiceLine[]) => void,
): Promise<boolean> {
  const address = `/api/organizations/${encodeURIComponent(org)}/repositories`;
  const response = await fetch(address, { signal, headers: { 'X-Requested-With': 'semaphore' } }).catch(
    unreachable,
  );
  if (!response.ok) throw await readProblem(response);
  let ended = false;
  try {
    for await (const texts of readLines(response.body ?? new ReadableStream())) {
      const lines = texts.map((text) => JSON.parse(text) as ChoiceLine);
      ended ||= lines.some(({ type }) => type === 'end');
      onLines(lines);
    }
  } catch {
    // It broke off: what came is there, and the end is missing.
  }
  return ended;
}

export type Choices = {
  repositories: RepositoryChoice[];
  faults: ChoiceFault[];
  /** `cut`: it broke off; what came before is there. */
  state: 'reading' | 'ended' | 'cut' | 'failed';
  problem: unknown;
  again: () => void;
};

/** Reads them when the page is opened, and again when asked to; what is there stays meanwhile. */
export function useChoices(org: string): Choices {
  const [found, setFound] = useState<ReadonlyMap<string, RepositoryChoice>>(new Map());
  const [faults, setFaults] = useState<ChoiceFault[]>([]);
  const [end, setEnd] = useState<Pick<Choices, 'state' | 'problem'>>({ state: 'reading', problem: null });
  const reading = useRef<AbortController | null>(null);

  const read = useCallback(async () => {
    reading.current?.abort();
    const controller = new AbortController();
    reading.current = controller;
    setFaults([]);
    setEnd({ state: 'reading', problem: null });
    try {
      const whole = await readChoices(org, controller.signal, (lines) => {
        if (controller.signal.aborted) return;
        const repositories = lines.filter((line) => line.type === 'repository');
        const failed = lines.filter((line) => line.type === 'fault');
        if (repositories.length > 0)
          setFound((known) => new Map([...known, ...repositories.map((each) => [each.uuid, each] as const)]));
        if (failed.length > 0) setFaults((known) => [...known, ...failed]);
      });
      if (!controller.signal.aborted) setEnd({ state: whole ? 'ended' : 'cut', problem: null });
    } catch (problem) {
      if (!controller.signal.aborted) setEnd({ state: 'failed', problem });
    }
  }, [org]);

  useEffect(() => {
    // One tick later, so that a page which is taken down at once asks nobody.
    const opening = setTimeout(() => void read());
    return () => {
      clearTimeout(opening);
      reading.current?.abort();
    };
  }, [read]);
  return { repositories: [...found.values()], faults, ...end, again: () => void read() };
}
