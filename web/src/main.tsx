/** Mounts the app on the data that came with the HTML. */
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readFirstData } from './api.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { createQueryClient } from './query-client.ts';
import { AppRoutes, loadPage } from './routes.tsx';
import './style.css';

const root = document.getElementById('app');
if (!root) throw new Error('The page has no place for the app.');

const { answers, fault } = readFirstData();

// First the page's own code, so that what came with the HTML is drawn at once and in its place.
const draw = () =>
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary fault={fault}>
        <QueryClientProvider client={createQueryClient(answers)}>
          <AppRoutes />
        </QueryClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
// If it did not come, drawing it asks once more and says what is wrong.
void loadPage(window.location.pathname).then(draw, draw);
