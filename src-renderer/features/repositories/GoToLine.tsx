import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { formatLineRange, parseLineRange } from './lineRange';

/** Asks for a line, or for lines: 12, or 12-20. */
export function GoToLine({ lines, onClose }: { lines: number; onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const range = parseLineRange(`L${text.trim().replace(/[–:]/, '-')}`);
  const go = () => {
    if (range === undefined) return;
    const end = Math.min(range.end, lines);
    onClose();
    void navigate({ to: '.', search: true, hash: formatLineRange({ start: Math.min(range.start, end), end }), resetScroll: false, hashScrollIntoView: false });
  };
  return (
    <Dialog open onOpenChange={onClose} title="Go to a line" size="sm" footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" disabled={range === undefined} onClick={go}>Go</Button></>}>
      <form
        className="pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <Field label="Line" help={`1 to ${lines.toLocaleString('en')}, or several: 12-20`}>{(control) => <Input {...control} autoFocus inputMode="numeric" value={text} onChange={(event) => setText(event.target.value)} />}</Field>
      </form>
    </Dialog>
  );
}
