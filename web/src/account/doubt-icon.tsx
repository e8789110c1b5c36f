import { Icon, type IconProps, stroke } from '../ui/icons.tsx';

/** A filled diamond with a question mark. */
export function DoubtIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect
        x="3.2"
        y="3.2"
        width="13.6"
        height="13.6"
        rx="3"
        transform="rotate(45 10 10)"
        fill="currentColor"
      />
      <path d="M8.2 8a1.9 1.9 0 1 1 2.7 1.9c-.7.3-.9.7-.9 1.3" {...stroke} strokeWidth={1.7} />
      <circle cx="10" cy="13.6" r="1" fill="var(--color-surface)" />
    </Icon>
  );
}
