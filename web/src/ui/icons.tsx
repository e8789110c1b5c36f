/** The few pictures, drawn for this product. Each has a shape of its own, so that none is known by colour alone. */
import type { ReactNode } from 'react';

export type IconProps = { className?: string };

/** The ground of each. */
export function Icon({ className = '', children }: IconProps & { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="20"
      height="20"
      className={`shrink-0 ${className}`}
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** What is cut out of a filled shape. */
export const stroke = {
  fill: 'none',
  stroke: 'var(--color-surface)',
  strokeWidth: 2,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

/** A filled disc with a check mark. */
export function CheckIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="10" cy="10" r="9" fill="currentColor" />
      <path d="m6 10.4 2.7 2.7L14 7.6" {...stroke} />
    </Icon>
  );
}

/** A filled square with a cross. */
export function CrossIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="1" y="1" width="18" height="18" rx="5" fill="currentColor" />
      <path d="m6.8 6.8 6.4 6.4m0-6.4-6.4 6.4" {...stroke} />
    </Icon>
  );
}

/** A filled disc with a dash: neither yes nor no. */
export function DashIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="10" cy="10" r="9" fill="currentColor" />
      <path d="M6.2 10h7.6" {...stroke} />
    </Icon>
  );
}

/** An arc that turns: something is under way. It stands still for those who asked for it. */
export function SpinIcon({ className = '' }: IconProps) {
  return (
    <Icon className={`animate-spin ${className}`}>
      <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" strokeWidth="2.5" opacity="0.25" />
      <path
        d="M10 2.5a7.5 7.5 0 0 1 7.5 7.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
    </Icon>
  );
}

/** A key. */
export function KeyIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="5.5" cy="10" r="3.5" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M9 10h9.5M15 10v3.5" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </Icon>
  );
}

/** An empty ring: nothing there yet. */
export function RingIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle
        cx="10"
        cy="10"
        r="8"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray="3.6 2.7"
      />
    </Icon>
  );
}

/** A triangle with an exclamation mark. */
export function AlertIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path
        d="M8.5 2.4a1.7 1.7 0 0 1 3 0l7.2 13.1a1.7 1.7 0 0 1-1.5 2.5H2.8a1.7 1.7 0 0 1-1.5-2.5Z"
        fill="currentColor"
      />
      <path d="M10 7.2v4" {...stroke} />
      <circle cx="10" cy="14.4" r="1.15" fill="var(--color-surface)" />
    </Icon>
  );
}

export function InfoIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="10" cy="10" r="9" fill="currentColor" />
      <path d="M10 9.4v4.4" {...stroke} />
      <circle cx="10" cy="6.2" r="1.15" fill="var(--color-surface)" />
    </Icon>
  );
}

/** The product's mark: jobs that run one after the other, signals at their ends. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--color-action)" />
      <path d="M7 10h11M7 16h18M14 22h11" stroke="#fff" strokeWidth="3.4" strokeLinecap="round" />
      <circle cx="24.2" cy="10" r="2.6" fill="#6fdb9c" />
      <circle cx="7.8" cy="22" r="2.6" fill="#6fdb9c" />
    </svg>
  );
}
