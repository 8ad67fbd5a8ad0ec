import { Card } from '../../ui/PageHeader';
import { ThemeToggle } from '../../ui/ThemeToggle';

/** How this browser shows the console. */
export function AppearanceSettings() {
  return (
    <Card title="Theme">
      <div className="flex flex-wrap items-center gap-4">
        <ThemeToggle />
        <p className="text-muted">Kept in this browser. “As the system” follows it, also when it changes at dusk.</p>
      </div>
    </Card>
  );
}
