import { useState } from 'react';
import { coversScope } from '#shared/access/roles';
import type { CreatedToken } from '#shared/api/account';
import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { CopyButton } from '../../ui/CopyButton';
import { Dialog } from '../../ui/overlays/Dialog';
import { Input } from '../../ui/fields/Input';
import { Segmented } from '../../ui/fields/Segmented';
import { tokenUses } from './tokenUses';

/** A token, this once, and how each program takes it. */
export function ShownToken({ created, onClose }: { created: CreatedToken; onClose: () => void }) {
  const info = useInfo();
  const here = useOrg();
  const [use, setUse] = useState('git');
  const uses = info === undefined ? [] : tokenUses({ origin: info.origin, gitBaseUrl: info.gitBaseUrl, org: created.org ?? here, token: created.token, mayPush: coversScope(created.scopes, ['repo:write']) });
  const shown = uses.find((each) => each.id === use);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Your new token"
      description="Copy it now: nobody can see it again. Whoever has it acts with it, so keep it like a password."
      footer={<Button variant="primary" onClick={onClose}>I have it</Button>}
    >
      <div className="flex flex-col gap-4 pb-3">
        <div className="flex items-center gap-2">
          <Input readOnly mono aria-label="Token" className="flex-1" value={created.token} onFocus={(event) => event.target.select()} />
          <CopyButton text={created.token} label="Copy the token" />
        </div>
        <section aria-label="How to use it" className="flex flex-col gap-2">
          <Segmented fill label="Program" value={use} onValueChange={setUse} options={uses.map(({ id, title }) => ({ value: id, label: title }))} />
          {shown !== undefined && <><p className="text-xs text-subtle">{shown.help}</p><CodeBlock language="bash" code={shown.code} /></>}
        </section>
      </div>
    </Dialog>
  );
}
