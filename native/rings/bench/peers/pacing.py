"""What the Python peers share: arguments, the beats of a camera, answers of readers. Stamps are CLOCK_MONOTONIC ns."""
import json
import os
import struct
import sys
import time

_ANSWER = struct.Struct("<q")


def arguments():
    """name=value words of the command line; numbers as floats."""
    values = dict(word.split("=", 1) for word in sys.argv[1:])
    return {name: float(value) for name, value in values.items()}


def answer(fd):
    """Says at which moment this reader had the frame."""
    os.write(fd, _ANSWER.pack(time.monotonic_ns()))


def last_answer(fds):
    """Waits until every reader has had the frame; the moment of the last."""
    return max(_ANSWER.unpack(os.read(fd, _ANSWER.size))[0] for fd in fds)


def measure(wanted, send_frame, answer_fds):
    """Sends frames at the wanted pace, one after the other; prints nanoseconds from before each until the last reader had it."""
    period_ns = int(1e9 / wanted["fps"])
    elapsed_ns = []
    next_ns = time.monotonic_ns()
    end_ns = None
    warm = int(wanted["warm"])
    while end_ns is None or not elapsed_ns or time.monotonic_ns() < end_ns:
        if warm == 0 and end_ns is None:
            end_ns = time.monotonic_ns() + int(wanted["seconds"] * 1e9)
        next_ns = max(next_ns + period_ns, time.monotonic_ns())  # late: no beat is made up for
        time.sleep(max(0, next_ns - time.monotonic_ns()) / 1e9)
        begin_ns = time.monotonic_ns()
        send_frame()
        had_ns = last_answer(answer_fds)
        if end_ns is None:
            warm -= 1
        else:
            elapsed_ns.append(had_ns - begin_ns)
    print(json.dumps({"elapsedNs": elapsed_ns}))
