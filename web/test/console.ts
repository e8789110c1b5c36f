/** Words on the console: none are said in a test that did not announce them, and what is announced has to come. */
const said: string[] = [];
const announced: RegExp[] = [];

export function hear(words: unknown[]): void {
  said.push(words.map(String).join(' '));
}

/** React says on the console what an error boundary caught; a test of one announces it. */
export function announceError(pattern: RegExp): void {
  announced.push(pattern);
}

/** What came unannounced, and what never came. Forgets everything. */
export function takeSurprises(): string[] {
  const words = said.splice(0);
  const patterns = announced.splice(0);
  return [
    ...words.filter((each) => !patterns.some((pattern) => pattern.test(each))),
    ...patterns.filter((pattern) => !words.some((each) => pattern.test(each))).map((p) => `never said: ${p}`),
  ];
}
