export interface Git {
  close(): Promise<void>;
}

export function createGit(_dir?: string): Git {
  return { close: async () => undefined };
}
