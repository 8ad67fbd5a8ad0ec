import { Button, type ButtonProps } from './Button';
import { Tooltip } from './overlays/Tooltip';

export interface IconButtonProps extends Omit<ButtonProps, 'aria-label' | 'asChild' | 'icon'> {
  /** Its name, also shown as a tooltip. */
  label: string;
  /** Keys that do the same, shown in the tooltip: `g h`. */
  keys?: string;
}

/** A button that is only an icon. It always has a name. */
export function IconButton({ label, keys, variant = 'ghost', size = 'md', className, ...rest }: IconButtonProps) {
  const looks = `${size === 'sm' ? 'w-7' : 'w-8'} px-0! [&_svg]:size-4! ${className ?? ''}`;
  // Why it may not be pressed says more than what it is called.
  if (rest.refusal !== undefined) return <Button variant={variant} size={size} aria-label={label} className={looks} {...rest} />;
  return (
    <Tooltip label={label} keys={keys}>
      <Button variant={variant} size={size} aria-label={label} className={looks} {...rest} />
    </Tooltip>
  );
}
