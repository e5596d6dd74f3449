"""Runs a command in a terminal of given width. Arguments: columns, interrupt after ms, command. Prints JSON: exit code, output."""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

columns, interrupt_ms, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    time.sleep(0.1)  # until the parent has set the width
    os.execv(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
interrupt_at = time.monotonic() + interrupt_ms / 1000.0
output = b""
while True:
    if interrupt_at is not None and time.monotonic() > interrupt_at:
        os.write(terminal, b"\x03")
        interrupt_at = None
    if not select.select([terminal], [], [], 0.05)[0]:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # EIO: the command has ended
        break
    if not chunk:
        break
    output += chunk
status = os.waitpid(pid, 0)[1]
print(json.dumps({"code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1, "output": output.decode("utf-8")}))
