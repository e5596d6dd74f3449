"""Reads one thing of every ring of a demo with the reader file given, and prints what it found as JSON.

Arguments: path of lanthorn_rings.py, prefix of the rings.
"""
import array
import importlib.util
import json
import math
import sys

spec = importlib.util.spec_from_file_location("lanthorn_rings", sys.argv[1])
rings = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rings)


def look(name):
    with rings.open_ring(name, wait_s=5) as ring:
        if isinstance(ring, rings.SlotRing):
            assert ring.wait(0, 5)
            frame = ring.copy_newest(0)
            found = {"format": frame.pixel_format, "size": [frame.width_px, frame.height_px], "bytes": len(frame.data)}
            depth = (ring.description() or {}).get("depth")
            if depth is not None:
                samples = array.array({"gray16le": "H", "grayf32le": "f"}[frame.pixel_format])
                samples.frombytes(frame.data)
                metres = [sample * depth["metresPerUnit"] for sample in samples if sample != depth["invalid"]]
                found["nearest"], found["farthest"] = min(metres), max(metres)
            return found
        assert ring.wait(5)
        record = ring.next_record()
        found = {"type": record.type, "key": record.key}
        if record.type == "imu":
            samples = record.samples()
            found["sensors"] = sorted({sample.sensor for sample in samples})
            found["gravity"] = [math.sqrt(s.x ** 2 + s.y ** 2 + s.z ** 2) for s in samples if s.sensor == "accelerometer"]
        elif record.type == "pcm":
            found["samples"] = len(record.samples())
        elif record.type == "result":
            found["label"] = record.samples()["detections"][0]["label"]
        else:
            found["codec"] = ring.description()["streams"][0]["codec"]
        return found


print(json.dumps({ring["name"]: look(ring["name"]) for ring in rings.list_rings(sys.argv[2])}))
