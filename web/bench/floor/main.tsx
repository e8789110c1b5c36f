/** The least that a page of this stack can weigh: React, the router and the query client, with one line of text. */
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { Route, Switch } from 'wouter';

function Line() {
  const { data } = useQuery({ queryKey: ['line'], queryFn: async () => (await fetch('/line')).text() });
  return <p>{data}</p>;
}

const root = document.getElementById('app');
if (!root) throw new Error('The page has no place for the app.');
createRoot(root).render(
  <QueryClientProvider client={new QueryClient()}>
    <Switch>
      <Route>
        <Line />
      </Route>
    </Switch>
  </QueryClientProvider>,
);
