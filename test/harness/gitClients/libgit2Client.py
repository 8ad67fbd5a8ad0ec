"""What a program that uses libgit2 does, by pygit2: clone, fetch, push and list, with credentials from the environment."""
import os
import sys
import tempfile

import pygit2

# Its name before version 1.14, and since.
SSH_KEY = getattr(pygit2, 'GIT_CREDENTIAL_SSH_KEY', None) or pygit2.enums.CredentialType.SSH_KEY


class Callbacks(pygit2.RemoteCallbacks):
    def __init__(self):
        super().__init__()
        self.asked = 0
        self.refused = False

    def credentials(self, url, username_from_url, allowed_types):
        # libgit2 asks again and again while it is not let in; programs give up.
        self.asked += 1
        if self.asked > 1:
            raise PermissionError('the server does not accept the credential')
        if allowed_types & SSH_KEY:
            key = os.environ['CLIENT_KEY']
            return pygit2.Keypair(username_from_url, key + '.pub', key, '')
        return pygit2.UserPass('una', os.environ['CLIENT_TOKEN'])

    def sideband_progress(self, string):
        sys.stderr.write('remote: ' + string)

    def push_update_reference(self, refname, message):
        if message is not None:
            self.refused = True
            print(f'{refname}: {message}', file=sys.stderr)


def main(command, *args):
    callbacks = Callbacks()
    if command == 'clone':
        url, into, *depth = args
        pygit2.clone_repository(url, into, callbacks=callbacks, **({'depth': int(depth[0])} if depth else {}))
    elif command == 'list':
        with tempfile.TemporaryDirectory() as folder:
            for each in pygit2.init_repository(folder, True).remotes.create('there', args[0]).ls_remotes(callbacks=callbacks):
                print(each['name'] if isinstance(each, dict) else each.name)
    elif command == 'fetch':
        pygit2.Repository(args[0]).remotes['origin'].fetch(['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'], callbacks=callbacks)
    elif command == 'push':
        pygit2.Repository(args[0]).remotes['origin'].push(list(args[1:]), callbacks=callbacks)
    return 1 if callbacks.refused else 0


try:
    sys.exit(main(*sys.argv[1:]))
except (pygit2.GitError, OSError, KeyError, ValueError) as error:
    print(f'{type(error).__name__}: {error}', file=sys.stderr)
    sys.exit(1)
