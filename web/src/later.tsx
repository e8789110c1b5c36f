import { type ComponentType, lazy, useState } from 'react';

/** A page whose code comes when it is first opened. */
export type LaterPage = {
  load: () => Promise<void>;
  /** The page itself once `load` has brought it; until then one that waits for it. */
  choose: () => ComponentType;
};

export function later(bring: () => Promise<ComponentType>): LaterPage {
  let loaded: ComponentType | null = null;
  const load = async () => {
    loaded = await bring();
    return loaded;
  };
  const waiting = lazy(async () => ({ default: await load() }));
  return { load: () => load().then(() => undefined), choose: () => loaded ?? waiting };
}

export function Later({ page }: { page: LaterPage }) {
  // Decided once: what comes meanwhile must not take the state of what is shown.
  const [Page] = useState<ComponentType>(page.choose);
  return <Page />;
}
