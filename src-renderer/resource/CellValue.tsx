import { Link } from '@tanstack/react-router';
import { Check, Minus } from 'lucide-react';
import type { Column } from '#shared/kind/defineKind';
import { cellText } from '#shared/kind/table';
import { getPath } from '#shared/kind/paths';
import { PhaseBadge } from '../ui/PhaseBadge';
import { Time } from '../ui/Time';

/** A value as its column says it is shown. `href` makes a link of a reference. */
export function CellValue({ column, object, href }: { column: Column; object: unknown; href?: (name: string) => string | undefined }) {
  const value = getPath(object, column.path);
  if (value === undefined || value === null || value === '') return <span className="text-subtle">–</span>;
  switch (column.type) {
    case 'phase':
      return <PhaseBadge phase={String(value)} />;
    case 'age':
    case 'date':
      return <Time at={String(value)} className="text-muted" />;
    case 'boolean':
      return value === true ? <Check role="img" aria-label="yes" className="size-4 text-success" /> : <Minus role="img" aria-label="no" className="size-4 text-subtle" />;
    case 'ref': {
      const target = href?.(String(value));
      if (target === undefined) return String(value);
      return <Link to={target} className="relative z-1 rounded-sm text-accent hover:underline">{String(value)}</Link>;
    }
    default: {
      const text = cellText(column, object, 0);
      return <span title={text} className={typeof value === 'number' ? 'tabular-nums' : undefined}>{text}</span>;
    }
  }
}
