/** Mounts the app on the data that came with the HTML. */
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router-dom';
import { readFirstData } from './api.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { createQueryClient } from './query-client.ts';
import { AppRoutes } from './routes.tsx';
import './style.css';

const root = document.getElementById('app');
if (!root) throw new Error('The page has no place for the app.');

const { answers, fault } = readFirstData();

createRoot(root).render(
  <StrictMode>
    <ErrorBoundary fault={fault}>
      <QueryClientProvider client={createQueryClient(answers)}>
        <BrowserRouter>
          <AppRoutes />
        </BrowserRouter>
      </QueryClientProvider>
    </ErrorBoundary>
  </StrictMode>,
);
