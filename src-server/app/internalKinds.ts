/** Kinds that the server keeps for itself: stored, backed up and copied like every other, and served by no door. */
import type { AnyKind } from '#shared/kind/defineKind';
import { IdempotencyRecord } from '../api/idempotency/idempotencyRecord';
import { AccessToken } from '../domains/identity/accounts/accessToken';
import { Account } from '../domains/identity/accounts/account';
import { Session } from '../domains/identity/accounts/session';
import { lifecycleKinds } from '../domains/forge/lifecycle/lifecycleKinds';
import { personalKinds } from '../domains/forge/pulls/reviews/personalNotes';
import { OrganizationDeletion } from '../domains/identity/organizations/organizationDeletion';
import { InviteAcceptance, InviteCode } from '../domains/identity/people/inviteCode';
import { DeviceGrant } from '../domains/identity/signIn/deviceGrant';
import { Inbox } from '../domains/notifications/inbox';
import { ConfigMap } from '../domains/secrets/configMap';
import { Secret } from '../domains/secrets/secret';
import { SecretValues } from '../domains/secrets/secretValues';

export const internalKinds: readonly AnyKind[] = [ConfigMap, Secret, SecretValues, Account, Session, AccessToken, DeviceGrant, IdempotencyRecord, InviteCode, InviteAcceptance, OrganizationDeletion, Inbox, ...lifecycleKinds, ...personalKinds];
