"""Runs a command at a terminal of its own and types what it is told to.

Arguments: a JSON list of steps, then the command. A step is [text to wait for, text to type].
Prints one JSON object: the exit status (128 + n for a signal) and all that was on the screen.
"""

import json
import os
import pty
import select
import sys
import time

LIMIT = 30

steps = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

screen = ""
waiting_from = 0
deadline = time.monotonic() + LIMIT
while time.monotonic() < deadline:
    if steps and steps[0][0] in screen[waiting_from:]:
        waiting_from = len(screen)
        os.write(terminal, steps.pop(0)[1].encode())
    if not select.select([terminal], [], [], 1)[0]:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    screen += data.decode("utf-8", "replace")
else:
    os.kill(child, 9)

status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"status": status if status >= 0 else 128 - status, "screen": screen, "left": len(steps)}))
