"""A Python reader of a ring, by lease and by look in turn, until the ring is gone; prints its samples as the native one."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../readers/python"))
import lanthorn_rings  # noqa: E402  (found by the line above)


def main():
    name, warm = sys.argv[1], int(sys.argv[2])
    samples = {"sequence": [], "wakeNs": [], "wholeNs": [], "leaseNs": [], "peekNs": []}
    after = 0
    ring = lanthorn_rings.open_ring(name)
    print("ready", flush=True)
    try:
        while True:
            ring.wait(after)
            leases = after % 2 == 0
            begin_ns = time.monotonic_ns()
            taken = ring.lease_newest(after) if leases else ring.peek_newest(after)
            had_ns = time.monotonic_ns()
            frame = taken.frame if leases else taken
            after = frame.sequence
            if after > warm:
                samples["sequence"].append(after)
                samples["leaseNs" if leases else "peekNs"].append(had_ns - begin_ns)
                samples["wakeNs"].append(had_ns - frame.arrival_mono_ns)
                samples["wholeNs"].append(had_ns - frame.capture_mono_ns)
            if leases:
                taken.release()
    except lanthorn_rings.RingGone:
        print(json.dumps(samples))


if __name__ == "__main__":
    main()
