#!/usr/bin/env python3
"""Checks an export of a Lanthorn video appliance: are these the very files that the box wrote, and all of them?

Usage:  python3 verify-export.py [FOLDER] [--key FINGERPRINT] [--json]

FOLDER       the export, unpacked; the folder this program lies in by default
--key        also check that the box with this key signed it; GET /exports/key on the box tells its fingerprint
--json       tell the outcome as JSON

Exit status: 0 everything is as it was written; 1 something differs, is missing, or is not part of it; 2 it cannot be checked.

Needs Python 3.6 or newer and nothing else, and no network. What it proves: every file has the SHA-256 that manifest.json says, and
manifest.json has the signature of the key named in it. Who holds that key only the box can tell: compare the fingerprint with it.
The signature is Ed25519, checked as in RFC 8032, section 5.1.7. Licence: Apache-2.0.
"""
import argparse
import base64
import hashlib
import json
import os
import sys

READ_BYTES = 1024 * 1024
FORMAT = "lanthorn-export"
VERSION = 1
MANIFEST = "manifest.json"
HASH = "manifest.sha256"
SIGNATURE = "manifest.sig"


class CannotCheck(Exception):
    """There is nothing to compare with."""


# --- Ed25519 -----------------------------------------------------------------------------------------------------------------

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add_points(a, b):
    """Adds two points in extended coordinates (x, y, z, t)."""
    s = (a[1] - a[0]) * (b[1] - b[0]) % P
    u = (a[1] + a[0]) * (b[1] + b[0]) % P
    v = 2 * a[3] * b[3] * D % P
    w = 2 * a[2] * b[2] % P
    e, f, g, h = u - s, w - v, w + v, u + s
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times_point(number, point):
    total = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        number >>= 1
    return total


def read_point(raw):
    """The point that 32 bytes stand for; None when they stand for none."""
    y = int.from_bytes(raw, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(message, signature, public_key):
    """Whether an Ed25519 signature of the message was made with the private part of this key."""
    if len(signature) != 64 or len(public_key) != 32:
        return False
    key = read_point(public_key)
    commitment = read_point(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or number >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = times_point(number, BASE)
    right = add_points(commitment, times_point(int.from_bytes(digest, "little") % ORDER, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- Files -------------------------------------------------------------------------------------------------------------------


def hash_file(path, chunk_bytes):
    """SHA-256 of a whole file and of each chunk of it, and its size."""
    whole = hashlib.sha256()
    chunks = []
    chunk = hashlib.sha256()
    in_chunk = 0
    size = 0
    with open(path, "rb") as file:
        while True:
            data = file.read(min(READ_BYTES, chunk_bytes - in_chunk))
            if not data:
                break
            whole.update(data)
            chunk.update(data)
            in_chunk += len(data)
            size += len(data)
            if in_chunk == chunk_bytes:
                chunks.append(chunk.hexdigest())
                chunk = hashlib.sha256()
                in_chunk = 0
    if in_chunk:
        chunks.append(chunk.hexdigest())
    return whole.hexdigest(), chunks, size


def differing_ranges(entry, chunks, size):
    """Byte ranges [first, last] that differ, as far as the manifest's chunks tell."""
    ranges = []
    step = entry["chunkBytes"]
    for index, expected in enumerate(entry["chunks"]):
        found = chunks[index] if index < len(chunks) else None
        if found == expected:
            continue
        first = index * step
        last = min((index + 1) * step, entry["bytes"]) - 1
        if ranges and ranges[-1][1] == first - 1:
            ranges[-1][1] = last
        else:
            ranges.append([first, last])
    if size > entry["bytes"]:
        ranges.append([entry["bytes"], size - 1])
    return ranges


def read_small(folder, name):
    path = os.path.join(folder, name)
    try:
        if os.path.islink(path):
            raise CannotCheck("%s is a link; expected a file" % name)
        with open(path, "rb") as file:
            return file.read(256 * 1024 * 1024)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotCheck("cannot read %s: %s" % (name, error.strerror))


def parse_manifest(raw):
    try:
        manifest = json.loads(raw.decode("utf-8"))
        if manifest["format"] != FORMAT:
            raise CannotCheck("%s is not the manifest of an export" % MANIFEST)
        if manifest["version"] != VERSION:
            raise CannotCheck("format version %r is not known here; use the verifier that came with the export" % (manifest["version"],))
        for entry in manifest["files"]:
            plain = isinstance(entry["name"], str) and entry["name"] == os.path.basename(entry["name"]) and entry["name"] not in ("", ".", "..")
            if not plain or not isinstance(entry["bytes"], int) or not isinstance(entry["sha256"], str):
                raise ValueError("files")
            if not isinstance(entry["chunkBytes"], int) or entry["chunkBytes"] < 1 or not isinstance(entry["chunks"], list):
                raise ValueError("chunks")
        base64.b64decode(manifest["box"]["key"]["publicKey"], validate=True)
        return manifest
    except CannotCheck:
        raise
    except Exception as error:  # whatever is wrong with it, it is no manifest
        raise CannotCheck("%s cannot be read (%s: %s): it was changed or cut off" % (MANIFEST, type(error).__name__, error))


# --- The check ---------------------------------------------------------------------------------------------------------------


class Report:
    def __init__(self):
        self.faults = []
        self.facts = []

    def fault(self, file, kind, words, ranges=None):
        self.faults.append({"file": file, "kind": kind, "words": words, "ranges": ranges or []})

    def fact(self, words):
        self.facts.append(words)


def check_manifest(folder, report, wanted_key):
    raw = read_small(folder, MANIFEST)
    if raw is None:
        raise CannotCheck("there is no %s in %s: without it there is nothing to compare with" % (MANIFEST, folder))
    line = read_small(folder, HASH)
    found = hashlib.sha256(raw).hexdigest()
    if line is None:
        report.fault(HASH, "missing", "is missing")
    elif line.decode("ascii", "replace").split()[:1] != [found]:
        report.fault(MANIFEST, "changed", "does not have the SHA-256 that %s says" % HASH)
    signature = read_small(folder, SIGNATURE)
    manifest = None
    try:
        manifest = parse_manifest(raw)
    except CannotCheck:
        if not report.faults:
            raise
        return None
    public_key = base64.b64decode(manifest["box"]["key"]["publicKey"])
    fingerprint = hashlib.sha256(public_key).hexdigest()
    if signature is None:
        report.fault(SIGNATURE, "missing", "is missing")
    else:
        try:
            signature_bytes = base64.b64decode(signature.strip(), validate=True)
        except ValueError:
            signature_bytes = b""
        if is_signed(raw, signature_bytes, public_key):
            report.fact("Signed with the key %s" % " ".join(fingerprint[i : i + 4] for i in range(0, 64, 4)))
        else:
            report.fault(MANIFEST, "changed", "does not have the signature in %s" % SIGNATURE)
    if wanted_key is not None:
        wanted = "".join(character for character in wanted_key.lower() if character in "0123456789abcdef")
        if len(wanted) < 16 or not fingerprint.startswith(wanted):
            report.fault(MANIFEST, "foreign", "is signed with another key than %s" % wanted_key)
    return manifest


def check_files(folder, manifest, report):
    listed = {entry["name"]: entry for entry in manifest["files"]}
    missing = []
    for name in sorted(listed):
        entry = listed[name]
        path = os.path.join(folder, name)
        if os.path.islink(path) or not os.path.isfile(path):
            missing.append(entry)
            continue
        try:
            digest, chunks, size = hash_file(path, entry["chunkBytes"])
        except OSError as error:
            report.fault(name, "unreadable", "cannot be read: %s" % error.strerror)
            continue
        if digest == entry["sha256"]:
            continue
        ranges = differing_ranges(entry, chunks, size)
        if size < entry["bytes"]:
            report.fault(name, "truncated", "has %d bytes; expected %d" % (size, entry["bytes"]), ranges)
        else:
            where = ", ".join("bytes %d to %d" % (first, last) for first, last in ranges) or "somewhere"
            report.fault(name, "changed", "differs within %s" % where, ranges)
    known = set(listed) | {MANIFEST, HASH, SIGNATURE}
    strangers = sorted(set(os.listdir(folder)) - known)
    for entry in missing:
        twin = next((name for name in strangers if is_same(os.path.join(folder, name), entry)), None)
        if twin is None:
            report.fault(entry["name"], "missing", "is missing")
        else:
            strangers.remove(twin)
            report.fault(entry["name"], "renamed", "is here under another name: %s" % twin)
    for name in strangers:
        report.fault(name, "extra", "is not part of the export")


def is_same(path, entry):
    try:
        return os.path.isfile(path) and os.path.getsize(path) == entry["bytes"] and hash_file(path, READ_BYTES)[0] == entry["sha256"]
    except OSError:
        return False


def tell(manifest, report, as_json):
    if as_json:
        print(json.dumps({"ok": not report.faults, "faults": report.faults, "facts": report.facts}, ensure_ascii=True))
        return
    # Names in a manifest are any text: what could steer a terminal is shown as its code.
    plain = lambda text: "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text).encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii")
    if manifest is not None:
        print(plain("Export %s (%s), made by %s with %s" % (manifest.get("name"), manifest.get("id"), manifest["box"].get("name"), manifest.get("tool"))))
        for footage in manifest.get("footage", []):
            print(plain("  %s: camera %s, %s to %s" % (footage["file"], footage["camera"], footage["from"]["local"], footage["to"]["local"])))
            for gap in footage.get("missing", []):
                print(plain("    nothing from %s to %s (%s)" % (gap["from"]["local"], gap["to"]["local"], ", ".join(gap["causes"]) or "cause unknown")))
    for words in report.facts:
        print(plain(words))
    for fault in report.faults:
        print(plain("DIFFERENT %s %s" % (fault["file"], fault["words"])))
    if report.faults:
        print("NOT OK: %d fault(s)" % len(report.faults))
    else:
        print("OK: %d files are as they were written" % (len(manifest["files"]) + 3))


def main():
    parser = argparse.ArgumentParser(description="Checks an export of a Lanthorn video appliance.")
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--key", help="fingerprint of the key that must have signed it, or its first 16 digits or more")
    parser.add_argument("--json", action="store_true", help="tell the outcome as JSON")
    options = parser.parse_args()
    report = Report()
    try:
        if not os.path.isdir(options.folder):
            raise CannotCheck("%s is not a folder" % options.folder)
        manifest = check_manifest(options.folder, report, options.key)
        if manifest is not None:
            check_files(options.folder, manifest, report)
    except CannotCheck as error:
        if options.json:
            print(json.dumps({"ok": False, "cannotCheck": str(error)}))
        else:
            print("CANNOT CHECK: %s" % ascii(str(error))[1:-1])
        return 2
    tell(manifest, report, options.json)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
