"""Child of python-reader.test.ts: uses the reader as a stranger would. Arguments: what, ring names …"""
import json
import mmap
import os
import random
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "readers", "python"))
import lanthorn_rings as rings  # noqa: E402


def uniform(data, sequence):
    data = bytes(data)
    return data == data[:1] * len(data) and data[0] == sequence & 255


def records(name):
    with rings.ByteRing(name) as ring:
        note = ring.description()["note"]
        r = ring.next_record()
        print("first", r.payload.decode(), r.pts_90k, r.dts_90k, r.duration_90k, r.key, r.stream_index,
              r.description_version, r.type, note, flush=True)
        read = dropped = 0
        while not ring.is_gone():  # be lapped on purpose
            time.sleep(0.01)
        for r in ring.follow(timeout_s=10):
            assert uniform(r.payload, r.sequence)
            read, dropped = read + 1, dropped + r.dropped
        print("read %d dropped %d" % (read, dropped), flush=True)


def hammer(name, seconds):
    tally = {"copies": 0, "looks": 0, "void": 0, "leases": 0, "torn": 0}
    end, after = time.monotonic() + float(seconds), 0
    with rings.SlotRing(name) as ring:
        assert ring.description() == {"camera": "test"}
        while time.monotonic() < end:
            ring.wait(after, 1)
            frame = ring.copy_newest(after)
            if frame is not None:
                tally["copies"] += 1
                tally["torn"] += not uniform(frame.data, frame.sequence)
                after = frame.sequence
            frame = ring.peek_newest()
            good = uniform(frame.data, frame.sequence)
            if frame.is_whole():
                tally["looks"] += 1
                tally["torn"] += not good
            else:
                tally["void"] += 1
            lease = ring.lease_newest()
            with lease as frame:
                tally["leases"] += 1
                tally["torn"] += not uniform(frame.data, frame.sequence)
            frame.data.release()
    try:
        import numpy
        with rings.SlotRing(name) as ring:
            frame = ring.copy_newest()
            assert frame.array().shape == (240, 320) and frame.array().dtype == numpy.uint8
    except ImportError:
        pass
    print(json.dumps(tally), flush=True)


def lease(name):
    ring = rings.SlotRing(name)
    held = ring.lease_newest()
    print("leased %d" % held.frame.sequence, flush=True)
    time.sleep(60)


def hostile(slots_name, bytes_name):
    choose = random.Random(7)
    tally = {"read": 0, "refused": 0}
    nasty = [0, 1, 63, 64, 4096, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 63 - 1, 2 ** 64 - 64, 2 ** 64 - 1]
    for name, shape, tail in ((slots_name, rings.SlotRing, 20480 + 3 * 256), (bytes_name, rings.ByteRing, 20480 + 4096)):
        fd = os.open("/dev/shm/" + name, os.O_RDWR)
        view = mmap.mmap(fd, os.fstat(fd).st_size)
        original = view[:]
        for _ in range(300):
            at = choose.choice([choose.randrange(0, 448), choose.randrange(20480, tail - 8)]) // 4 * 4
            struct.pack_into("<Q", view, at, choose.choice(nasty))
            try:
                with shape(name) as ring:
                    if shape is rings.SlotRing:
                        ring.copy_newest()
                        ring.lease_newest().release()
                    else:
                        for place in ("oldest", "newest-key", "end", "oldest"):
                            ring.seek(place)
                        while ring.next_record() is not None:
                            pass
                    ring.description()
                    tally["read"] += 1
            except rings.RingError:
                tally["refused"] += 1
            except AttributeError as error:  # lease_newest() gave None: nothing newer
                if "release" not in str(error):
                    raise
                tally["read"] += 1
            view[:] = original
    print(json.dumps(tally), flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
