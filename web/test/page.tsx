/** Opens an address of the product as a browser does: with the answers that came with its HTML. */
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { StrictMode } from 'react';
import { vi } from 'vitest';
import { readFirstData } from '../src/api.ts';
import { ErrorBoundary } from '../src/error-boundary.tsx';
import { createQueryClient } from '../src/query-client.ts';
import { AppRoutes } from '../src/routes.tsx';

/** `firstData`: API address → answer, as the BFF puts it into the HTML. */
export function openPage(address: string, firstData: Record<string, unknown>): void {
  window.history.replaceState(null, '', address);
  const block = document.createElement('script');
  block.type = 'application/json';
  block.id = 'first-data';
  block.textContent = JSON.stringify(firstData);
  document.head.append(block);
  const { answers, fault } = readFirstData();
  render(
    <StrictMode>
      <ErrorBoundary fault={fault}>
        <QueryClientProvider client={createQueryClient(answers)}>
          <AppRoutes />
        </QueryClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
}

/** jsdom cannot leave a page; this hears where the page wanted to go. Everything else of the address stays as it is. */
export function watchLeaving() {
  const leaving = { assign: vi.fn<(to: string) => void>(), reload: vi.fn<() => void>() };
  const real = window.location;
  const seen = new Proxy({} as Location, {
    get: (_, key) => (key in leaving ? Reflect.get(leaving, key) : Reflect.get(real, key)),
  });
  vi.stubGlobal('location', seen);
  return leaving;
}
