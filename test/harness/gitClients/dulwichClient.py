"""What a program that uses dulwich, git in Python, does: clone, fetch, push and list, with credentials from the environment."""
import os
import sys

from dulwich import porcelain
from dulwich.repo import Repo

credentials = {'username': 'una', 'password': os.environ['CLIENT_TOKEN']} if 'CLIENT_TOKEN' in os.environ else {}


def main(command, *args):
    if command == 'clone':
        url, into, *depth = args
        porcelain.clone(url, into, depth=int(depth[0]) if depth else None, **credentials)
    elif command == 'list':
        for name in porcelain.ls_remote(args[0], **credentials):
            print(os.fsdecode(name))
    elif command == 'fetch':
        porcelain.fetch(args[0], 'origin', **credentials)
    elif command == 'push':
        porcelain.push(args[0], 'origin', [os.fsencode(each) for each in args[1:]], **credentials)


try:
    main(*sys.argv[1:])
except Exception as error:
    print(f'{type(error).__name__}: {error}', file=sys.stderr)
    sys.exit(1)
