import { FileDiff } from 'lucide-react';
import { IconButton } from '../../ui/IconButton';
import { suggestionFence } from '../model/suggestion';

/** Puts the commented lines into the comment, to be changed there: a suggestion that can be applied. */
export function SuggestButton({ code, body, onChange }: { code: string; body: string; onChange: (body: string) => void }) {
  const insert = () => onChange(`${body}${body === '' || body.endsWith('\n') ? '' : '\n'}${suggestionFence(code)}`);
  return <IconButton label="Suggest a change of these lines" size="sm" onClick={insert}><FileDiff /></IconButton>;
}
