import { Monitor, Moon, Sun } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import { setTheme, useTheme, type Theme } from './theme';

/** System, light or dark. */
export function ThemeToggle() {
  const theme = useTheme();
  return (
    <ToggleGroup.Root type="single" value={theme} aria-label="Theme" onValueChange={(value) => value !== '' && setTheme(value as Theme)} className="inline-flex rounded-md border bg-sunken p-0.5">
      {THEMES.map(({ value, label, Icon }) => (
        <ToggleGroup.Item key={value} value={value} aria-label={label} title={label} className="rounded-sm p-1 text-subtle hover:text-fg data-[state=on]:bg-raised data-[state=on]:text-fg data-[state=on]:shadow-low">
          <Icon aria-hidden className="size-3.5" />
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

const THEMES = [
  { value: 'system', label: 'As the system', Icon: Monitor },
  { value: 'light', label: 'Light', Icon: Sun },
  { value: 'dark', label: 'Dark', Icon: Moon },
] as const;
