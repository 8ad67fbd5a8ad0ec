/** Kinds that the server keeps for itself: stored, backed up and copied like every other, and served by no door. */
import type { AnyKind } from '#shared/kind/defineKind';
import { AccessToken } from '../domains/identity/accounts/accessToken';
import { Account } from '../domains/identity/accounts/account';
import { Session } from '../domains/identity/accounts/session';

export const internalKinds: readonly AnyKind[] = [Account, Session, AccessToken];
