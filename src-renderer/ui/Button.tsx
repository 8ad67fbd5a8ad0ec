import { clsx } from 'clsx';
import { Slot } from 'radix-ui';
import { isValidElement, type ComponentProps, type ReactNode } from 'react';
import { Spinner } from './Spinner';
import { Tooltip } from './overlays/Tooltip';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger' | 'danger-ghost';

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: 'sm' | 'md';
  /** Shown in front of the label; replaced by a spinner while `pending`. */
  icon?: ReactNode;
  /** The action is under way: the button cannot be pressed again and says that it is busy. */
  pending?: boolean;
  /** Why it may not be pressed. It stays where the keyboard and a screen reader find it, and says so. */
  refusal?: string | undefined;
  /** Renders the one child (a link) with the button's looks. `icon` and `pending` do not apply. */
  asChild?: boolean;
}

/** Something to press. One `primary` a view. */
export function Button({ variant = 'secondary', size = 'md', icon, pending = false, refusal, asChild = false, className, children, disabled, ...rest }: ButtonProps) {
  const classes = clsx(buttonClass(variant, size), className);
  if (refusal !== undefined) {
    // Menus open on pointer down, popovers on click.
    const { onClick: _click, onPointerDown: _pointer, onKeyDown: _key, type: _type, ...harmless } = rest;
    return (
      <Tooltip label={refusal}>
        <button {...harmless} type="button" className={classes} aria-disabled aria-description={refusal}>
          {!asChild && icon}
          {asChild && isValidElement<{ children?: ReactNode }>(children) ? children.props.children : children}
        </button>
      </Tooltip>
    );
  }
  if (asChild) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" className={classes} disabled={disabled === true || pending} aria-busy={pending || undefined} {...rest}>
      {pending ? <Spinner /> : icon}
      {children}
    </button>
  );
}

/** The looks of a button, for things that are not one. */
export function buttonClass(variant: ButtonVariant = 'secondary', size: 'sm' | 'md' = 'md'): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
    '[&_svg]:size-3.5 [&_svg]:shrink-0',
    size === 'sm' ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-sm',
    VARIANTS[variant],
  );
}

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'border-transparent bg-accent-strong text-on-accent hover:not-disabled:not-aria-disabled:brightness-110',
  secondary: 'border-line bg-raised text-fg shadow-low hover:not-disabled:not-aria-disabled:bg-hover hover:not-disabled:not-aria-disabled:border-line-strong/60',
  ghost: 'border-transparent text-muted hover:not-disabled:not-aria-disabled:bg-hover hover:not-disabled:not-aria-disabled:text-fg',
  danger: 'border-transparent bg-danger-solid text-on-danger hover:not-disabled:not-aria-disabled:brightness-110',
  'danger-ghost': 'border-transparent text-danger hover:not-disabled:not-aria-disabled:bg-danger-soft',
};
