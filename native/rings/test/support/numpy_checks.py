"""Child of python-reader.test.ts: arrays of frames against the bytes they stand for. Arguments: ring names. Prints a JSON tally."""
import json
import os
import struct
import sys

import numpy

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "readers", "python"))
import lanthorn_rings as rings  # noqa: E402

# Of each format's planes: struct code of a sample, samples of a place, places of 13 x 7 pixels (columns, rows).
FULL, HALF, QUARTER = (13, 7), (7, 7), (7, 4)
PLANES = {
    "nv12": [("B", 1, FULL), ("B", 2, QUARTER)], "nv21": [("B", 1, FULL), ("B", 2, QUARTER)],
    "p010le": [("H", 1, FULL), ("H", 2, QUARTER)], "yuv420p10le": [("H", 1, FULL)] + [("H", 1, QUARTER)] * 2,
    "yuv420p": [("B", 1, FULL)] + [("B", 1, QUARTER)] * 2, "yuvj420p": [("B", 1, FULL)] + [("B", 1, QUARTER)] * 2,
    "yuv422p": [("B", 1, FULL)] + [("B", 1, HALF)] * 2, "yuvj422p": [("B", 1, FULL)] + [("B", 1, HALF)] * 2,
    "yuv444p": [("B", 1, FULL)] * 3, "yuvj444p": [("B", 1, FULL)] * 3,
    "gray": [("B", 1, FULL)], "gray16le": [("H", 1, FULL)], "grayf32le": [("f", 1, FULL)],
    "rgb24": [("B", 3, FULL)], "bgr24": [("B", 3, FULL)], "rgba": [("B", 4, FULL)], "bgra": [("B", 4, FULL)],
}
TYPES = {"B": "uint8", "H": "uint16", "f": "float32"}


def check(frame):
    planes = PLANES[frame.pixel_format]
    assert len(planes) == len(frame.planes)
    memory = numpy.frombuffer(frame.data, "u1")
    for i, (code, samples, (columns, rows)) in enumerate(planes):
        array = frame.array(i)
        assert array.shape == ((rows, columns) if samples == 1 else (rows, columns, samples)), array.shape
        assert array.dtype == TYPES[code]
        assert numpy.shares_memory(array, memory), "it is a copy"
        assert not array.flags.writeable, "readers do not write"
        offset, stride = frame.planes[i]
        row = struct.Struct("<%d%s" % (columns * samples, code))
        for y in range(rows):
            wanted = row.unpack_from(frame.data, offset + y * stride)
            assert numpy.array_equal(array[y].ravel(), numpy.array(wanted, array.dtype), equal_nan=code == "f")
    assert frame.array().shape == frame.shape()


tally = {}
for name in sys.argv[1:]:
    with rings.SlotRing(name) as ring:
        check(ring.copy_newest())
        looked = ring.peek_newest()
        check(looked)
        assert looked.is_whole()
        with ring.lease_newest() as frame:
            check(frame)
            kept = frame.array()
            assert frame.is_whole()
        assert not frame.is_whole(), "it was given back"
        first = int(kept.ravel()[0]) if frame.pixel_format != "grayf32le" else 0
    assert kept.shape[0] == 7 and first >= 0  # an array outlives its ring: the memory stays mapped
    tally[frame.pixel_format] = tally.get(frame.pixel_format, 0) + 1
assert set(tally) == set(PLANES), "some format was not tried"
print(json.dumps(tally))
