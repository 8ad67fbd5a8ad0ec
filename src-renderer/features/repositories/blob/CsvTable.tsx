import { useMemo } from 'react';
import { parseCsv } from './parseCsv';

const MAX_ROWS = 1000;

/** A table of values; the first row is its head. */
export function CsvTable({ text, separator }: { text: string; separator: string }) {
  const { rows, more } = useMemo(() => parseCsv(text, separator, MAX_ROWS + 1), [text, separator]);
  const [head = [], ...body] = rows;
  return (
    <div tabIndex={0} className="overflow-x-auto">
      <table className="text-xs">
        <thead>
          <tr>
            <th scope="col" className="border-r border-b bg-sunken px-2 py-1 text-right font-normal text-subtle">1</th>
            {head.map((cell, index) => <th key={index} scope="col" className="border-r border-b bg-sunken px-2 py-1 text-left font-semibold whitespace-nowrap">{cell}</th>)}
          </tr>
        </thead>
        <tbody>
          {body.map((row, at) => (
            <tr key={at} className="hover:bg-hover">
              <th scope="row" className="border-r border-b px-2 py-1 text-right font-normal text-subtle select-none">{at + 2}</th>
              {row.map((cell, index) => <td key={index} className="max-w-96 truncate border-r border-b px-2 py-1" title={cell.length > 60 ? cell : undefined}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      {more && <p className="px-3 py-2 text-center text-muted">The first {MAX_ROWS.toLocaleString('en')} rows. The rest is in the code view.</p>}
    </div>
  );
}
