import { Ban, CircleCheck, CircleDashed, CircleDot, CircleHelp, CirclePause, CircleX, GitMerge, GitPullRequest, GitPullRequestClosed, LoaderCircle, OctagonAlert, type LucideIcon } from 'lucide-react';
import { Badge, type Tone } from './Badge';

export interface PhaseLook {
  tone: Tone;
  icon: LucideIcon;
  /** Work is under way. */
  moving?: boolean;
}

/** A phase as a badge: colour, icon and word. */
export function PhaseBadge({ phase, label, title }: { phase: string | undefined; label?: string; title?: string }) {
  const look = phaseLook(phase);
  const Icon = look.icon;
  return (
    <Badge tone={look.tone} icon={<Icon aria-hidden className={look.moving === true ? 'animate-spin-slow' : undefined} />} {...(title === undefined ? {} : { title })}>
      {label ?? phaseLabel(phase)}
    </Badge>
  );
}

/** The icon alone, coloured, for dense rows; its word is read aloud. */
export function PhaseIcon({ phase, className = 'size-4' }: { phase: string | undefined; className?: string }) {
  const look = phaseLook(phase);
  const Icon = look.icon;
  return <Icon role="img" aria-label={phaseLabel(phase)} className={`shrink-0 ${ICON_TONES[look.tone]} ${look.moving === true ? 'animate-spin-slow' : ''} ${className}`} />;
}

/** `AwaitingApproval` -> "Awaiting approval". */
export function phaseLabel(phase: string | undefined): string {
  if (phase === undefined || phase === '') return 'Unknown';
  const words = phase.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Colour and icon of a phase of any kind. An unknown word is neutral. */
export function phaseLook(phase: string | undefined): PhaseLook {
  return (phase === undefined ? undefined : LOOKS[phase]) ?? { tone: 'neutral', icon: CircleHelp };
}

const good: PhaseLook = { tone: 'success', icon: CircleCheck };
const bad: PhaseLook = { tone: 'danger', icon: CircleX };
const waiting: PhaseLook = { tone: 'neutral', icon: CircleDashed };
const asking: PhaseLook = { tone: 'warning', icon: CirclePause };
const moving: PhaseLook = { tone: 'info', icon: LoaderCircle, moving: true };
const off: PhaseLook = { tone: 'neutral', icon: Ban };

const LOOKS: Readonly<Record<string, PhaseLook>> = {
  Ready: good, Active: good, Completed: good, Succeeded: good, Approved: good, Applied: good, Bound: good, Verified: good, Stored: good, Submitted: good, Accepted: good,
  Failed: bad, Error: bad, Conflicting: bad, Lost: bad,
  Denied: { tone: 'danger', icon: Ban }, Revoked: off, Disabled: off, Cancelled: off, Dismissed: off, Archived: off, Suspended: off, Expired: off,
  Pending: waiting, Queued: waiting, Invited: waiting, Unknown: { tone: 'neutral', icon: CircleHelp },
  AwaitingApproval: asking, Blocked: { tone: 'warning', icon: OctagonAlert }, Stalled: { tone: 'warning', icon: OctagonAlert }, Degraded: { tone: 'warning', icon: OctagonAlert },
  Running: moving, Importing: moving, Preparing: moving, Applying: moving, Provisioning: moving, Terminating: { ...moving, tone: 'warning' },
  Open: { tone: 'success', icon: GitPullRequest }, Merged: { tone: 'merged', icon: GitMerge }, Closed: { tone: 'danger', icon: GitPullRequestClosed },
  Mergeable: good, Idle: { tone: 'neutral', icon: CircleDot }, NothingToWrite: off,
};

const ICON_TONES: Record<Tone, string> = {
  neutral: 'text-subtle', accent: 'text-accent', success: 'text-success', warning: 'text-warning', danger: 'text-danger', info: 'text-info', merged: 'text-merged',
};
