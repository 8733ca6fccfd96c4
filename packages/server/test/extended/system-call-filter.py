"""Runs a program under the system call filter that systemd makes of a unit:
    system-call-filter.py ALLOWED FAMILIES PROGRAM...
ALLOWED: names of system calls, separated by commas; any other fails with EPERM.
FAMILIES: of sockets, likewise; any other fails with EAFNOSUPPORT.
New namespaces are refused as RestrictNamespaces=yes does it. The program must have no_new_privs.
"""
import errno
import os
import socket
import sys

import seccomp

NAMESPACES = 0x7E020000
CLONE3 = "clone3"
allowed, families, program = sys.argv[1].split(","), sys.argv[2].split(","), sys.argv[3:]
rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
special = {"socket", "clone", "unshare", "setns", CLONE3}
for name in allowed:
    # Some are of other processors.
    if name not in special and seccomp.resolve_syscall(seccomp.Arch(), name) >= 0:
        rules.add_rule(seccomp.ALLOW, name)
numbers = {int(getattr(socket, name)) for name in families}
for number in range(46):
    action = seccomp.ALLOW if number in numbers else seccomp.ERRNO(errno.EAFNOSUPPORT)
    rules.add_rule(action, "socket", seccomp.Arg(0, seccomp.EQ, number))
# Its flags are in memory, where a filter cannot look: systemd has the C library fall back to clone.
rules.add_rule(seccomp.ERRNO(errno.ENOSYS), CLONE3)
rules.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, NAMESPACES, 0))
rules.load()
os.execvp(program[0], program)
