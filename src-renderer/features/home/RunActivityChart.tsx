import { useMemo } from 'react';
import { useNow } from '../../ui/clock';
import { Card } from '../../ui/PageHeader';
import { BarChart } from '../../ui/Sparkline';
import type { RunObject } from '../runs/runStory';
import { runsByDay } from './runsByDay';

const DAYS = 14;

/** How many runs there were on each of the last days. */
export function RunActivityChart({ runs }: { runs: readonly RunObject[] }) {
  const now = useNow(60_000);
  const days = useMemo(() => runsByDay(runs, { now, days: DAYS }), [runs, now]);
  const total = days.reduce((sum, day) => sum + day.runs, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  const cost = days.reduce((sum, day) => sum + day.costUsd, 0);
  if (total === 0) return null;
  return (
    <Card title={`Runs in ${DAYS} days`}>
      <p className="mb-2 flex items-baseline gap-3 text-muted">
        <span><b className="text-xl font-semibold text-fg">{total}</b> {total === 1 ? 'run' : 'runs'}</span>
        <span><b className="font-semibold text-fg">{failed}</b> failed</span>
        {cost > 0 && <span><b className="font-semibold text-fg">${cost.toFixed(2)}</b></span>}
      </p>
      <BarChart label={`Runs by day, ${DAYS} days`} height={52} bars={days.map((day) => ({ label: day.day, value: day.runs, title: `${day.day}: ${day.runs} ${day.runs === 1 ? 'run' : 'runs'}${day.failed > 0 ? `, ${day.failed} failed` : ''}` }))} />
    </Card>
  );
}
