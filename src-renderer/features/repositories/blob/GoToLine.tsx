import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
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
    <FormDialog
      title="Go to a line"
      size="sm"
      submitLabel="Go"
      ready={range !== undefined}
      onSubmit={go}
      onClose={onClose}
    >
      <Field label="Line" help={`1 to ${lines.toLocaleString('en')}, or several: 12-20`}>{(control) => <Input {...control} autoFocus inputMode="numeric" value={text} onChange={(event) => setText(event.target.value)} />}</Field>
    </FormDialog>
  );
}
