import { Search } from 'lucide-react';
import { Input } from './Input';

export interface FilterInputProps {
  /** Its name for those who cannot see the page. */
  label: string;
  placeholder?: string;
  value: string | undefined;
  onValueChange: (text: string) => void;
  className?: string;
}

/** The text by which a list is filtered; the key `/` goes to it. */
export function FilterInput({ label, placeholder = label, value, onValueChange, className = 'w-full sm:w-64' }: FilterInputProps) {
  return <Input data-filter aria-label={label} icon={<Search />} placeholder={placeholder} value={value ?? ''} onChange={(event) => onValueChange(event.target.value)} className={className} />;
}
