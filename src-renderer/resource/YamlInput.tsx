import { useState } from 'react';
import { parse } from 'yaml';
import type { FieldControlProps } from '../ui/fields/Field';
import { Textarea } from '../ui/fields/Textarea';
import { yamlText } from './yamlObject';

/** What no other control fits. Broken YAML stays in the field until it is whole. */
export function YamlInput({ value, onChange, ...rest }: FieldControlProps & { value: unknown; onChange: (value: unknown) => void; disabled: boolean }) {
  const [text, setText] = useState(() => (value === undefined ? '' : yamlText(value).trimEnd()));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      {...rest}
      mono
      aria-invalid={broken ? true : rest['aria-invalid']}
      placeholder="YAML"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        try {
          onChange(event.target.value.trim() === '' ? undefined : parse(event.target.value));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}
