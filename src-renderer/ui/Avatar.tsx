import { Bot, Server } from 'lucide-react';

/** Who did it: letters on a colour of their own for people, a sign for agents and the system. Nothing is fetched. */
export function Avatar({ name, kind = 'user', size = 20 }: { name: string; kind?: 'user' | 'agent' | 'system' | 'run'; size?: number }) {
  if (kind !== 'user') {
    const Icon = kind === 'system' ? Server : Bot;
    return (
      <span aria-hidden title={name} style={{ width: size, height: size }} className="inline-flex shrink-0 items-center justify-center rounded-md bg-accent-soft text-accent">
        <Icon style={{ width: size * 0.62, height: size * 0.62 }} />
      </span>
    );
  }
  const hue = hash(name) % 360;
  return (
    <span
      aria-hidden
      title={name}
      style={{ width: size, height: size, fontSize: size * 0.44, background: `light-dark(hsl(${hue} 45% 88%), hsl(${hue} 30% 24%))`, color: `light-dark(hsl(${hue} 55% 24%), hsl(${hue} 55% 84%))` }}
      className="inline-flex shrink-0 items-center justify-center rounded-full font-semibold select-none"
    >
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => word !== '');
  return ((words[0]?.[0] ?? '?') + (words[1]?.[0] ?? '')).toUpperCase();
}

function hash(text: string): number {
  let value = 7;
  for (const letter of text) value = (value * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
}
