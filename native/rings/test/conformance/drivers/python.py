"""Driver of the Python reader. Protocol: ../README.md. Python >= 3.6, as the reader."""
import json
import math
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "readers", "python"))
import lanthorn_rings as rings  # noqa: E402

FNV_START, FNV_PRIME, U64 = 0xCBF29CE484222325, 0x100000001B3, 2 ** 64 - 1
TYPE_NUMBERS = {name: number for number, name in rings.RECORD_TYPES.items()}

ring = None
looked = None
last = None
leases = []


def fnv1a64(data):
    value = FNV_START
    for byte in bytes(data):
        value = ((value ^ byte) * FNV_PRIME) & U64
    return str(value)


def frame_answer(frame):
    return {
        "sequence": str(frame.sequence), "capture_mono_ns": str(frame.capture_mono_ns),
        "capture_wall_us": str(frame.capture_wall_us), "arrival_mono_ns": str(frame.arrival_mono_ns),
        "publish_mono_ns": str(frame.publish_mono_ns), "pts_90k": str(frame.pts_90k),
        "source_sequence": str(frame.source_sequence), "width_px": frame.width_px, "height_px": frame.height_px,
        "flags": frame.flags, "bytes": frame.bytes, "planes": [list(plane) for plane in frame.planes],
        "pixel_format": frame.pixel_format, "color_space": frame.color_space, "color_range": frame.color_range,
    }


def record_answer(record):
    return {
        "sequence": str(record.sequence), "capture_mono_ns": str(record.capture_mono_ns),
        "capture_wall_us": str(record.capture_wall_us), "arrival_mono_ns": str(record.arrival_mono_ns),
        "pts_90k": "none" if record.pts_90k is None else str(record.pts_90k),
        "dts_90k": "none" if record.dts_90k is None else str(record.dts_90k), "duration_90k": record.duration_90k,
        "type": TYPE_NUMBERS[record.type] if record.type in TYPE_NUMBERS else int(record.type), "flags": record.flags,
        "stream_index": record.stream_index, "description_version": record.description_version,
        "payload_bytes": len(record.payload),
    }


def number(value, digits):
    return float("%.*g" % (digits, value)) if math.isfinite(value) else None


def pcm_answer(record):
    samples, channels = record.samples(), record.stream["channels"]
    flat = samples.tolist()  # numpy: a list of lists; array: flat
    rows = flat if not flat or isinstance(flat[0], list) else [flat[i:i + channels] for i in range(0, len(flat), channels)]
    if record.stream["codec"] == "pcm_f32le":
        rows = [[number(value, 9) for value in row] for row in rows]
    return {"pcm": rows}


def samples_answer(record):
    if record.type == "pcm":
        return pcm_answer(record)
    samples = record.samples()
    if record.type == "imu":
        return {"imu": [{"mono_ns": str(s.mono_ns), "sensor": s.sensor, "x": number(s.x, 17), "y": number(s.y, 17),
                         "z": number(s.z, 17)} for s in samples]}
    return {"json_hex": record.payload.hex()}


def open_ring(kind, name):
    global ring
    close()
    ring = (rings.SlotRing if kind == "slots" else rings.ByteRing)(name)
    return {"incarnation": str(ring.incarnation)}


def close():
    global ring, looked
    if ring is not None:
        ring.close()
    ring = looked = None
    return {}


def description():
    ring.description()  # refuses what is no JSON
    return {"hex": ring.description_json().hex()}


def copy(after):
    frame = ring.copy_newest(int(after))
    return {"error": "AGAIN"} if frame is None else {"frame": frame_answer(frame), "hash": fnv1a64(frame.data)}


def peek(after):
    global looked
    looked = ring.peek_newest(int(after))
    return {"error": "AGAIN"} if looked is None else {"frame": frame_answer(looked)}


def whole():
    value = fnv1a64(looked.data)
    return {"whole": looked.is_whole(), "hash": value}


def lease(after):
    held = ring.lease_newest(int(after))
    if held is None:
        return {"error": "AGAIN"}
    leases.append(held)
    return {"lease": len(leases), "frame": frame_answer(held.frame), "hash": fnv1a64(held.frame.data)}


def lease_hash(index):
    return {"hash": fnv1a64(leases[int(index) - 1].frame.data)}


def release(index):
    leases[int(index) - 1].release()
    return {}


def seconds(timeout_ms):
    return None if int(timeout_ms) < 0 else int(timeout_ms) / 1000.0


def wait(after, timeout_ms):
    return {} if ring.wait(int(after), seconds(timeout_ms)) else {"error": "TIMEOUT"}


def wait_record(timeout_ms):
    return {} if ring.wait(seconds(timeout_ms)) else {"error": "TIMEOUT"}


def seek(place):
    ring.seek(int(place) if place.isdigit() else place)
    return {}


def next_record():
    global last
    last = ring.next_record()
    if last is None:
        return {"error": "AGAIN"}
    return {"record": record_answer(last), "dropped": str(last.dropped), "hash": fnv1a64(last.payload)}


def samples():
    return samples_answer(last)


def follow(name, count, timeout_ms):
    sequences = []
    try:
        with rings.open_ring(name, wait_s=seconds(timeout_ms)) as followed:
            for item in followed.follow(timeout_s=seconds(timeout_ms)):
                sequences.append(str(item.sequence))
                if len(sequences) == int(count):
                    return {"sequences": sequences, "reopened": followed.reopened, "torn": followed.torn}
    except rings.RingNotFound:
        pass
    return {"error": "TIMEOUT"}


COMMANDS = {
    "open": open_ring, "close": close, "description": description, "copy": copy, "peek": peek, "whole": whole,
    "lease": lease, "lease-hash": lease_hash, "release": release, "wait": wait, "wait-record": wait_record, "seek": seek,
    "next": next_record, "samples": samples, "follow-frames": follow, "follow-records": follow,
}

for line in sys.stdin:
    words = line.rstrip("\n").split(" ")
    try:
        answer = COMMANDS[words[0]](*words[1:])
    except rings.RingError as error:
        answer = {"error": error.status, "words": str(error)}
    print(json.dumps(answer), flush=True)
