/** The sign of Kradle: something held in a cradle. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 32 32" className="shrink-0">
      <rect width="32" height="32" rx="8" fill="#0d5f6b" />
      <path d="M6.5 15.5c0 5.2 4.3 9 9.5 9s9.5-3.8 9.5-9" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="16" cy="11.5" r="3.4" fill="#ffc857" />
    </svg>
  );
}
