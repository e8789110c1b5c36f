import type { ProblemCode } from 'bff';
import { Component, type ReactNode } from 'react';
import { Problem } from './api.ts';
import { explain } from './problems.ts';
import { Button } from './ui/button.tsx';

type Props = {
  /** What the service said was wrong when it sent this page instead of the one that was asked for. */
  fault?: ProblemCode | null;
  children: ReactNode;
};

/** The last resort: a page that broke says so and offers a way on, instead of going blank. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: this.props.fault ? new Problem(this.props.fault) : null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    // On the way to the log-in page there is nothing to say.
    if (error instanceof Problem && error.code === 'not-logged-in') return null;
    return (
      <main className="mx-auto grid max-w-xl gap-4 px-4 py-20" role="alert">
        <h1 className="text-title font-semibold">This page could not be shown</h1>
        <p>{explain(error)}</p>
        <div>
          <Button onClick={() => window.location.reload()}>Load the page again</Button>
        </div>
      </main>
    );
  }
}
