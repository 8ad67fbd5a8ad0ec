import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './Button';
import { IconButton } from './IconButton';
import { toast } from './overlays/toast';

/** Copies a text and says that it did. With `children`, a button with words. */
export function CopyButton({ text, label = 'Copy', children, className = '' }: { text: string | (() => string); label?: string; children?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setCopied(true);
    } catch {
      toast.error('The browser did not let the page copy', { description: 'Select the text and copy it yourself.' });
    }
  };
  const icon = copied ? <Check className="text-success" /> : <Copy />;
  if (children !== undefined) return <Button size="sm" icon={icon} className={className} onClick={copy}>{copied ? 'Copied' : children}</Button>;
  return <IconButton size="sm" label={copied ? 'Copied' : label} className={className} onClick={copy}>{icon}</IconButton>;
}
