"""Soak: as reader.ts, in Python. Arguments: prefix, frames or records. Prints a JSON tally five times a second."""
import json
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "readers", "python"))
import lanthorn_rings as rings  # noqa: E402

prefix, what = sys.argv[1:3]
tally = {"copies": 0, "leases": 0, "records": 0, "dropped": 0, "refused": 0, "torn": 0, "reopened": 0}
told = 0


def is_of(data, sequence):
    return bytes(data) == struct.pack("<Q", sequence) * (len(data) // 8)


def tell():
    global told
    now = time.monotonic()
    if now > told + 0.2:
        told = now
        print(json.dumps(tally), flush=True)


ring = rings.open_ring(prefix + "." + what, wait_s=600)
while True:
    for taken in ring.follow(timeout_s=1, lease=what == "frames"):
        tally["reopened"] = ring.reopened
        if what == "records":
            tally["records"] += 1
            tally["dropped"] += taken.dropped
            tally["torn"] += not is_of(taken.payload, taken.sequence)
        else:
            tally["leases"] += 1
            tally["torn"] += not is_of(taken.data, taken.sequence)
            if tally["leases"] % 16 == 0:
                time.sleep(0.005)
                tally["torn"] += not is_of(taken.data, taken.sequence)
            if tally["leases"] % 3 == 0:
                try:
                    frame = ring.copy_newest()
                    tally["copies"] += 1
                    tally["torn"] += frame is None or not is_of(frame.data, frame.sequence)
                except (rings.RingTorn, rings.RingGone):
                    tally["refused"] += 1
        tell()
    tell()
