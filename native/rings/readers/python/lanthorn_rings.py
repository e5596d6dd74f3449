#!/usr/bin/env python3
"""Reads Lanthorn's shared-memory rings. One file, Python >= 3.6, standard library only (numpy arrays where numpy is there).

    from lanthorn_rings import SlotRing, ByteRing, list_rings

    with SlotRing("lanthorn.street.frames") as ring:
        after = 0
        while ring.wait(after, timeout_s=5):
            frame = ring.copy_newest(after)          # a whole copy, or None
            after = frame.sequence
            print(frame.sequence, frame.width_px, frame.height_px, frame.array().shape)

    with ByteRing("lanthorn.street.results") as ring:
        for record in ring.follow(timeout_s=5):
            print(record.sequence, record.payload)

As a program: `python3 lanthorn_rings.py ls` and `python3 lanthorn_rings.py watch <ring> [--seconds N]`.

Layout: docs/ref/rings.md. Why it is right: docs/design/rings.md. Linux on 64-bit little-endian processors.
"""
import argparse
import errno
import fcntl
import json
import mmap
import os
import struct
import sys
import time

try:
    import ctypes
    _libc = ctypes.CDLL(None, use_errno=True)
except Exception:  # Python without libffi: waiting naps, leasing is refused
    ctypes = None
    _libc = None

SHM = "/dev/shm"
PAGE = 4096
VERSION = 1
KIND_SLOTS, KIND_BYTES = 1, 2
STATE_LIVE = 1
DESCRIPTION_AT, DESCRIPTION_MAX = 4096, 16384
TABLE_AT = DESCRIPTION_AT + DESCRIPTION_MAX
ENTRY_BYTES, FRAME_IN_ENTRY = 256, 64
STAMP_WRITING, STAMP_CLAIMED = 1, 2
SLOT_BITS = 6
RECORD_HEAD_BYTES, RECORD_ALIGN = 128, 64
RECORD_DATA, RECORD_PADDING = 1, 2
MAX_READERS, SEAT_BYTES = 63, 64
NO_POSITION = 2 ** 64 - 1
NO_PTS = -2 ** 63
HEARTBEAT_S = 1.0
TRIES = 64

_HEADER = struct.Struct("<8sIIQQqQIIQQQQ")  # magic .. capacity_bytes, 88 bytes
_FRAME = struct.Struct("<QqqqqqQIIII4I4III16s16s16s")
_RECORD_HEAD = struct.Struct("<QII")
_RECORD = struct.Struct("<QqqqqqIIIIII")
assert _HEADER.size == 88 and _FRAME.size == 160 and _RECORD.size == 72

RECORD_TYPES = {1: "packet", 2: "pcm", 3: "imu", 4: "result", 5: "snapshot", 6: "data"}


class RingError(Exception):
    """Base of all errors here."""


class RingNotFound(RingError):
    """No ring of that name: its writer has not started."""


class RingGone(RingError):
    """The writer has ended or was replaced: reopen by name."""


class RingCorrupt(RingError):
    """The ring's bytes are none that a writer of this version writes."""


class RingTorn(RingError):
    """The writer overtook every attempt to read; nothing was returned."""


class RingBusy(RingError):
    """All 63 reader seats of the ring are taken, or this user may not lease: copy instead."""


# ---------------------------------------------------------------- the kernel: locks that tell who lives, and the futex

F_OFD_GETLK, F_OFD_SETLK = 36, 37
_FLOCK = struct.Struct("hhqqi4x")  # struct flock: l_type, l_whence, (pad), l_start, l_len, l_pid, (pad)
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2


def _is_byte_locked(fd, byte):
    """Whether some other open file write-locks the byte: its owner lives."""
    answer = fcntl.fcntl(fd, F_OFD_GETLK, _FLOCK.pack(F_RDLCK, 0, byte, 1, 0))
    return _FLOCK.unpack(answer)[0] != F_UNLCK


def _try_lock_byte(fd, byte):
    try:
        fcntl.fcntl(fd, F_OFD_SETLK, _FLOCK.pack(F_WRLCK, 0, byte, 1, 0))
        return True
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise


_SYS_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98}.get(os.uname().machine)
_FUTEX_WAIT, _FUTEX_WAKE, _FUTEX_WAKE_PRIVATE = 0, 1, 129

if ctypes is not None:
    class _Timespec(ctypes.Structure):
        _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]

    _barrier_word = ctypes.c_uint32(0)


def _full_barrier():
    """A full memory barrier: FUTEX_WAKE runs smp_mb() before it looks for waiters (kernel/futex/waitwake.c)."""
    _libc.syscall(ctypes.c_long(_SYS_FUTEX), ctypes.byref(_barrier_word), ctypes.c_int(_FUTEX_WAKE_PRIVATE),
                  ctypes.c_int(1), None, None, ctypes.c_int(0))


def _can_use_futex():
    return _libc is not None and _SYS_FUTEX is not None


if os.uname().machine == "x86_64" or not _can_use_futex():
    def _load_barrier():
        """Keeps loads before it ahead of loads after it: x86-64 does so by itself. (Without ctypes there is no other way.)"""
else:
    _load_barrier = _full_barrier  # ARM and RISC-V need an instruction


def _monotonic_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime_ns") else int(
        time.clock_gettime(time.CLOCK_MONOTONIC) * 1e9)


# ---------------------------------------------------------------- what both shapes share

class _Ring:
    """A read-only mapping whose geometry was checked once and is kept in private memory."""

    _kind = 0

    def __init__(self, name):
        self.name = name
        if "/" in name or name.startswith("."):
            raise RingError("Expected a ring name of [A-Za-z0-9._-] but received %r" % name)
        path = os.path.join(SHM, name)
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise RingNotFound("No ring named %s: its writer has not started" % name)
        self._map = None
        try:
            self._open_mapping()
        except Exception:
            self.close()
            raise

    def _open_mapping(self):
        size = os.fstat(self._fd).st_size
        if size < TABLE_AT:
            raise RingCorrupt("/dev/shm/%s is not a ring (%d bytes)" % (self.name, size))
        self._map = mmap.mmap(self._fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
        (magic, version, kind, total, self.incarnation, self.created_wall_us, self.writer_start_ticks, self.writer_pid,
         self.slots, self.slot_bytes, table_at, self._data_at, self.capacity_bytes) = _HEADER.unpack_from(self._map, 0)
        if magic != b"LTNRING\0":
            raise RingCorrupt("/dev/shm/%s is not a ring (no magic)" % self.name)
        if version != VERSION:
            raise RingCorrupt("Ring %s has layout version %d; this reader knows %d" % (self.name, version, VERSION))
        if kind != self._kind:
            raise RingError("Ring %s is a %s ring; open it as one" % (self.name, "slot" if kind == KIND_SLOTS else "byte"))
        if kind == KIND_SLOTS:
            data_at = (TABLE_AT + self.slots * ENTRY_BYTES + PAGE - 1) // PAGE * PAGE
            valid = 3 <= self.slots <= 64 and self.slot_bytes > 0 and self.slot_bytes % PAGE == 0
            expected = data_at + self.slots * self.slot_bytes
        else:
            data_at = TABLE_AT
            valid = self.capacity_bytes >= 4096 and self.capacity_bytes & (self.capacity_bytes - 1) == 0
            expected = data_at + self.capacity_bytes
        if not valid or expected != size or total != size or table_at != TABLE_AT or self._data_at != data_at:
            raise RingCorrupt("Ring %s: its header does not fit its size of %d bytes" % (self.name, size))
        self._bytes = memoryview(self._map)
        # One load each: indexing a cast memoryview copies 8 (4) aligned bytes, which these processors do in one access.
        self._u64 = self._bytes[:PAGE].cast("Q")
        self._u32 = self._bytes[:PAGE].cast("I")
        self._gone = False
        self._next_look = 0.0

    def is_gone(self):
        """Whether nothing more will be published. Asks the kernel at most four times a second."""
        if not self._gone:
            if self._u32[132 // 4] != STATE_LIVE:
                self._gone = True
            else:
                now = time.monotonic()
                if now >= self._next_look:
                    self._next_look = now + HEARTBEAT_S / 4
                    self._gone = not _is_byte_locked(self._fd, 0)
        return self._gone

    def description(self):
        """What the writer says of its ring (parsed JSON), or None before it said anything."""
        for _ in range(1000):
            before = self._u32[320 // 4]
            if before % 2 == 1:
                time.sleep(0)
                continue
            _load_barrier()
            size = self._u32[324 // 4]
            text = bytes(self._bytes[DESCRIPTION_AT:DESCRIPTION_AT + min(size, DESCRIPTION_MAX)])
            _load_barrier()
            if self._u32[320 // 4] == before:
                if size > DESCRIPTION_MAX:
                    raise RingCorrupt("Ring %s: its description claims %d bytes" % (self.name, size))
                try:
                    return json.loads(text.decode("utf-8")) if text else None
                except ValueError:
                    raise RingCorrupt("Ring %s: its description is not JSON" % self.name)
        raise RingTorn("Ring %s: its description changed all the time" % self.name)

    def _has_news(self):
        raise NotImplementedError

    def _wait(self, timeout_s):
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            seen = self._u32[128 // 4]  # before looking: what comes after the look has moved the word
            _load_barrier()
            if self._has_news():
                return True
            if self.is_gone():
                if self._has_news():
                    return True
                raise RingGone("The writer of ring %s has ended or was replaced; reopen by name" % self.name)
            left = HEARTBEAT_S / 2 if deadline is None else min(deadline - time.monotonic(), HEARTBEAT_S / 2)
            if left <= 0:
                return False
            self._sleep(seen, left)

    def _sleep(self, seen, timeout_s):
        if not _can_use_futex():
            time.sleep(min(timeout_s, 0.002))
            return
        timeout = _Timespec(int(timeout_s), int(timeout_s % 1 * 1e9))
        _libc.syscall(ctypes.c_long(_SYS_FUTEX), ctypes.c_void_p(self._wake_address()), ctypes.c_int(_FUTEX_WAIT),
                      ctypes.c_uint32(seen), ctypes.byref(timeout), None, ctypes.c_int(0))

    def _wake_address(self):
        # ctypes gives no address of a read-only buffer; the buffer protocol's C interface does.
        if not hasattr(self, "_address"):
            self._address = _address_of(self._bytes)
        return self._address + 128

    def close(self):
        """Ends reading. Views handed out keep the mapping until they are gone."""
        for name in ("_u64", "_u32", "_bytes"):
            view = self.__dict__.pop(name, None)
            if view is not None:
                try:
                    view.release()
                except BufferError:
                    pass
        if getattr(self, "_map", None) is not None:
            try:
                self._map.close()
            except BufferError:  # a numpy array or memoryview of a frame is still alive: it closes with the last of them
                pass
            self._map = None
        if getattr(self, "_fd", -1) >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _address_of(view):
    class PyBuffer(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t),
                    ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                    ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
                    ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]

    buffer = PyBuffer()
    get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
    get.argtypes = [ctypes.py_object, ctypes.POINTER(PyBuffer), ctypes.c_int]
    release.argtypes = [ctypes.POINTER(PyBuffer)]
    get(view, ctypes.byref(buffer), 0)
    address = buffer.buf
    release(ctypes.byref(buffer))
    return address


# ---------------------------------------------------------------- frames

# Planes of the formats known: bytes a pixel of plane 0, bytes a sample and shifts of the other planes, number of planes.
_FORMATS = {
    "nv12": (1, 2, 1, 1, 2), "nv21": (1, 2, 1, 1, 2), "p010le": (2, 4, 1, 1, 2),
    "yuv420p": (1, 1, 1, 1, 3), "yuvj420p": (1, 1, 1, 1, 3), "yuv422p": (1, 1, 1, 0, 3), "yuvj422p": (1, 1, 1, 0, 3),
    "yuv444p": (1, 1, 0, 0, 3), "yuvj444p": (1, 1, 0, 0, 3), "yuv420p10le": (2, 2, 1, 1, 3),
    "gray": (1, 0, 0, 0, 1), "gray16le": (2, 0, 0, 0, 1), "grayf32le": (4, 0, 0, 0, 1),
    "rgb24": (3, 0, 0, 0, 1), "bgr24": (3, 0, 0, 0, 1), "rgba": (4, 0, 0, 0, 1), "bgra": (4, 0, 0, 0, 1),
}


class Frame:
    """One frame: its description, and `data` (bytes of a copy, or a memoryview of a leased or peeked slot)."""

    __slots__ = ("sequence", "capture_mono_ns", "capture_wall_us", "arrival_mono_ns", "publish_mono_ns", "pts_90k",
                 "source_sequence", "width_px", "height_px", "key", "planes", "bytes", "pixel_format", "color_space",
                 "color_range", "data", "_is_whole")

    def __init__(self, values, slot_bytes, ring_name):
        (self.sequence, self.capture_mono_ns, self.capture_wall_us, self.arrival_mono_ns, self.publish_mono_ns,
         self.pts_90k, self.source_sequence, self.width_px, self.height_px, flags, planes) = values[:11]
        offsets, strides = values[11:15], values[15:19]
        self.bytes = values[19]
        self.pixel_format, self.color_space, self.color_range = (_text(v) for v in values[21:24])
        self.key = bool(flags & 1)
        if self.bytes > slot_bytes or planes > 4:
            raise RingCorrupt("Ring %s: frame %d does not fit its slot" % (ring_name, self.sequence))
        self.planes = [(offsets[i], strides[i]) for i in range(planes)]
        self.data = None
        self._is_whole = None
        layout = _FORMATS.get(self.pixel_format)
        if layout is not None and layout[4] != planes:
            raise RingCorrupt("Ring %s: %d planes are not %s" % (ring_name, planes, self.pixel_format))
        for i in range(planes):
            row, rows = self._plane_size(i)
            offset, stride = self.planes[i]
            end = offset + stride * (rows - 1) + row if rows and row else offset
            if end > self.bytes or stride < row:
                raise RingCorrupt("Ring %s: plane %d of frame %d leaves the frame" % (ring_name, i, self.sequence))

    def _plane_size(self, plane):
        """(bytes of a row, rows); (0, 0) for formats not known."""
        layout = _FORMATS.get(self.pixel_format)
        if layout is None:
            return 0, 0
        first, other, shift_x, shift_y, _ = layout
        if plane == 0:
            return self.width_px * first, self.height_px
        return (self.width_px + (1 << shift_x) - 1 >> shift_x) * other, self.height_px + (1 << shift_y) - 1 >> shift_y

    def is_whole(self):
        """For a peeked frame: whether the writer left it alone until now. Ask after the last use; then believe the result."""
        return self._is_whole is None or self._is_whole()

    def shape(self):
        """Shape of array(): rows, columns(, channels) of plane 0."""
        channels = _FORMATS.get(self.pixel_format, (1,))[0]
        if self.pixel_format in ("rgb24", "bgr24", "rgba", "bgra"):
            return self.height_px, self.width_px, channels
        return self.height_px, self.width_px

    def array(self, plane=0):
        """A plane as a numpy array that shares `data`'s memory. Raises ImportError without numpy."""
        import numpy
        row, rows = self._plane_size(plane)
        if row == 0:
            raise RingError("Plane %d of pixel format %s is not known here; use .data" % (plane, self.pixel_format))
        offset, stride = self.planes[plane]
        kind = {"gray16le": "<u2", "grayf32le": "<f4", "p010le": "<u2", "yuv420p10le": "<u2"}.get(self.pixel_format, "u1")
        item = numpy.dtype(kind).itemsize
        groups = {"rgb24": 3, "bgr24": 3, "rgba": 4, "bgra": 4}.get(self.pixel_format, 1)
        if plane == 1 and self.pixel_format in ("nv12", "nv21", "p010le"):
            groups = 2
        columns = row // item // groups
        shape, strides = (rows, columns), (stride, item * groups)
        if groups > 1:
            shape, strides = shape + (groups,), strides + (item,)
        return numpy.ndarray(shape, kind, self.data, offset, strides)


def _text(value):
    end = value.find(b"\0")
    if end < 0:
        raise RingCorrupt("A name in a frame's description is not terminated")
    return value[:end].decode("ascii", "replace")


class Lease:
    """A frame that the writer leaves alone until release (or the end of a `with`)."""

    def __init__(self, ring, slot, frame):
        self._ring, self._slot, self.frame = ring, slot, frame

    def release(self):
        if self._ring is not None:
            self._ring._clear(self._slot)
            self._ring = None

    def __enter__(self):
        return self.frame

    def __exit__(self, *_):
        self.release()


class SlotRing(_Ring):
    """Reader of a slot ring: the newest frame, copied, looked at in place, or leased."""

    _kind = KIND_SLOTS

    def __init__(self, name):
        self._seat = None
        _Ring.__init__(self, name)
        self._table = self._bytes[TABLE_AT:TABLE_AT + self.slots * ENTRY_BYTES].cast("Q")
        try:
            self._take_seat()
        except (OSError, RingError) as why:
            self._why_no_seat = why

    def wait(self, after_sequence=0, timeout_s=None):
        """Sleeps until a frame after after_sequence is there: True, or False after timeout_s. Raises RingGone."""
        self._after = after_sequence
        return self._wait(timeout_s)

    def _has_news(self):
        self._note_asked()
        return self._u64[192 // 8] >> SLOT_BITS > self._after

    def peek_newest(self, after_sequence=0):
        """Looks at the newest frame in place; data may change at any moment: check frame.is_whole() after use. None: nothing newer."""
        found = self._find(after_sequence)
        if found is None:
            return None
        frame, slot, stamp = found
        frame.data = self._slot_view(slot, frame.bytes)
        frame._is_whole = lambda: self._is_unchanged(slot, stamp)
        return frame

    def copy_newest(self, after_sequence=0):
        """Copies the newest frame, whole, or returns None when there is nothing newer. Raises RingTorn, RingGone."""
        for _ in range(TRIES):
            found = self._find(after_sequence)
            if found is None:
                return None
            frame, slot, stamp = found
            frame.data = bytes(self._slot_view(slot, frame.bytes))
            if self._is_unchanged(slot, stamp):
                return frame
        raise RingTorn("Ring %s: overwritten during each of %d copies; lease instead" % (self.name, TRIES))

    def lease_newest(self, after_sequence=0):
        """Leases the newest frame: `with ring.lease_newest() as frame:`. None: nothing newer. Raises RingBusy, RingTorn."""
        if self._seat is None:
            raise RingBusy("Ring %s cannot be leased from: %s" % (self.name, getattr(self, "_why_no_seat", "no seat")))
        if not _can_use_futex():
            raise RingBusy("This Python has no ctypes, and leasing needs a memory barrier: copy frames instead")
        for _ in range(TRIES):
            found = self._find(after_sequence)
            if found is None:
                return None
            frame, slot, stamp = found
            self._mark(slot)
            _full_barrier()  # our lease is out before we look again (docs/design/rings.md#lease)
            if self._stamp(slot) == stamp:
                frame.data = self._slot_view(slot, frame.bytes)
                return Lease(self, slot, frame)
            self._clear(slot)
        raise RingTorn("Ring %s: the writer overtook each of %d attempts to lease" % (self.name, TRIES))

    def _find(self, after_sequence):
        self._note_asked()
        for _ in range(TRIES):
            newest = self._u64[192 // 8]
            if newest >> SLOT_BITS <= after_sequence:
                if not self.is_gone():
                    return None
                if self._u64[192 // 8] >> SLOT_BITS <= after_sequence:
                    raise RingGone("The writer of ring %s has ended or was replaced; reopen by name" % self.name)
                continue
            slot = newest & (1 << SLOT_BITS) - 1
            if slot >= self.slots:
                raise RingCorrupt("Ring %s: its header names slot %d of %d" % (self.name, slot, self.slots))
            _load_barrier()
            stamp = self._stamp(slot) & ~STAMP_CLAIMED
            _load_barrier()
            values = _FRAME.unpack_from(self._bytes, TABLE_AT + slot * ENTRY_BYTES + FRAME_IN_ENTRY)
            if stamp & STAMP_WRITING or not self._is_unchanged(slot, stamp):
                continue
            if values[0] != newest >> SLOT_BITS:
                if self._u64[192 // 8] != newest:
                    continue
                raise RingCorrupt("Ring %s: slot %d holds frame %d" % (self.name, slot, values[0]))
            return Frame(values, self.slot_bytes, self.name), slot, stamp
        raise RingTorn("Ring %s: the writer overtook each of %d looks" % (self.name, TRIES))

    def _is_unchanged(self, slot, stamp):
        _load_barrier()
        return self._stamp(slot) & ~STAMP_CLAIMED == stamp

    def _stamp(self, slot):
        return self._table[slot * ENTRY_BYTES // 8]

    def _slot_view(self, slot, size):
        start = self._data_at + slot * self.slot_bytes
        return self._bytes[start:start + size]

    def _take_seat(self):
        self._leases_fd = os.open(os.path.join(SHM, self.name + ".leases"), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            leases = mmap.mmap(self._leases_fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
            magic, version, _, incarnation = struct.unpack_from("<8sIIQ", leases, 0)
            if magic != b"LTNLEASE" or version != VERSION or incarnation != self.incarnation:
                raise RingError("its lease object belongs to another ring; open it again")
            for reader in range(MAX_READERS):
                at = SEAT_BYTES * (reader + 1)
                if _try_lock_byte(self._leases_fd, at):  # the kernel drops this lock when we die
                    program = os.path.basename(sys.argv[0] or "python").encode()[:15]
                    struct.pack_into("<QqQI4x16s", leases, at, 0, _monotonic_ns(), 0, os.getpid(), program)
                    self._leases = leases
                    self._seat = memoryview(leases)[at:at + SEAT_BYTES].cast("Q")
                    self._held = [0] * 64
                    return
            raise RingError("all %d reader seats are taken" % MAX_READERS)
        except Exception:
            os.close(self._leases_fd)
            raise

    def _mark(self, slot):
        self._held[slot] += 1
        self._seat[0] = self._seat[0] | 1 << slot

    def _clear(self, slot):
        self._held[slot] -= 1
        if self._held[slot] == 0 and self._seat is not None:
            _full_barrier()
            self._seat[0] = self._seat[0] & ~(1 << slot)

    def _note_asked(self):
        if self._seat is not None:
            self._seat[1] = _monotonic_ns()

    def close(self):
        if self._seat is not None:
            self._seat[0] = 0
            self._seat[1] = 0
            self._seat.release()
            self._seat = None
            self._leases.close()
            os.close(self._leases_fd)
        table = self.__dict__.pop("_table", None)
        if table is not None:
            table.release()
        _Ring.close(self)


# ---------------------------------------------------------------- records

class Record:
    """One record: its description, `payload` (bytes) and `dropped`, how many records were lost just before it."""

    __slots__ = ("sequence", "capture_mono_ns", "capture_wall_us", "arrival_mono_ns", "pts_90k", "dts_90k", "duration_90k",
                 "type", "key", "discontinuity", "stream_index", "description_version", "payload", "dropped")

    def __init__(self, values):
        (self.sequence, self.capture_mono_ns, self.capture_wall_us, self.arrival_mono_ns, pts, dts, self.duration_90k,
         kind, flags, self.stream_index, self.description_version, _) = values
        self.pts_90k = None if pts == NO_PTS else pts
        self.dts_90k = None if dts == NO_PTS else dts
        self.type = RECORD_TYPES.get(kind, str(kind))
        self.key, self.discontinuity = bool(flags & 1), bool(flags & 2)
        self.payload, self.dropped = b"", 0


class _Overwritten(Exception):
    pass


class ByteRing(_Ring):
    """Reader of a byte ring: every record in order, beginning with the oldest still there."""

    _kind = KIND_BYTES

    def __init__(self, name):
        _Ring.__init__(self, name)
        self._dropped = 0
        self.seek("oldest")

    def wait(self, timeout_s=None):
        """Sleeps until next_record() has something: True, or False after timeout_s. Raises RingGone."""
        return self._wait(timeout_s)

    def _has_news(self):
        return self._u64[256 // 8] != self._cursor

    def follow(self, timeout_s=None):
        """Yields records as they come, until the writer is gone or timeout_s passes without one."""
        while True:
            try:
                record = self.next_record()
                if record is None and not self.wait(timeout_s):
                    return
            except RingGone:
                return
            if record is not None:
                yield record

    def seek(self, place):
        """place: "oldest", "newest-key" (where a decoder can begin) or "end" (only what comes from now on)."""
        for _ in range(TRIES):
            try:
                if self._try_seek(place):
                    self._dropped = 0
                    return
            except _Overwritten:
                pass
        raise RingTorn("Ring %s: the writer lapped this reader again and again" % self.name)

    def _try_seek(self, place):
        key = self._u64[288 // 8]
        _load_barrier()
        tail, head = self._bounds()
        if place == "oldest":
            position, record = self._record_from(tail, head)
            if record is not None:
                self._cursor, self._expected = position, record[0]
                return True
        elif place == "newest-key":
            if key != NO_POSITION and key >= tail:
                if key >= head or key % RECORD_ALIGN:
                    raise RingCorrupt("Ring %s: the newest key record lies outside" % self.name)
                _, kind, record = self._head_at(key, head)
                if kind != RECORD_DATA:
                    raise RingCorrupt("Ring %s: the newest key record is padding" % self.name)
                self._cursor, self._expected = key, record[0]
                return True
        elif place != "end":
            raise RingError("Expected oldest, newest-key or end but received %r" % (place,))
        last = self._u64[280 // 8]
        _load_barrier()
        head = self._u64[256 // 8]
        _load_barrier()
        if self._u64[272 // 8] != last and not self.is_gone():
            return False  # an append is under way: look again
        if head % RECORD_ALIGN:
            raise RingCorrupt("Ring %s: head is not aligned" % self.name)
        self._cursor, self._expected = head, (last + 1 if self._u64[272 // 8] == last else 0)
        return True

    def next_record(self):
        """The next record, or None when there is none now. Raises RingGone only after everything whole was read."""
        for _ in range(TRIES):
            tail, head = self._bounds()
            if self._cursor > head:
                raise RingCorrupt("Ring %s: head moved back" % self.name)
            try:
                if self._cursor < tail:
                    position, record = self._record_from(tail, head)
                    if record is None:
                        continue
                    if self._expected:
                        if record[0] < self._expected:
                            raise RingCorrupt("Ring %s: sequences run backwards" % self.name)
                        self._dropped += record[0] - self._expected
                    self._cursor, self._expected = position, record[0]
                    continue
                if self._cursor == head:
                    if not self.is_gone():
                        return None
                    if self._u64[256 // 8] == head:
                        raise RingGone("The writer of ring %s has ended or was replaced; reopen by name" % self.name)
                    continue
                total, kind, values = self._head_at(self._cursor, head)
                if kind == RECORD_PADDING:
                    self._cursor += total
                    continue
                if self._expected and values[0] != self._expected:
                    raise RingCorrupt("Ring %s: a record is out of sequence" % self.name)
                record = Record(values)
                start = self._at(self._cursor) + RECORD_HEAD_BYTES
                record.payload = bytes(self._bytes[start:start + values[11]])
                _load_barrier()
                if self._u64[264 // 8] > self._cursor:
                    continue
            except _Overwritten:
                continue
            self._cursor, self._expected = self._cursor + total, values[0] + 1
            record.dropped, self._dropped = self._dropped, 0
            return record
        raise RingTorn("Ring %s: the writer lapped this reader again and again; the ring is too small" % self.name)

    def _bounds(self):
        tail = self._u64[264 // 8]
        _load_barrier()
        head = self._u64[256 // 8]
        _load_barrier()
        if tail > head or (tail | head) % RECORD_ALIGN:
            raise RingCorrupt("Ring %s: head and tail contradict each other" % self.name)
        return tail, head

    def _at(self, position):
        return self._data_at + (position & self.capacity_bytes - 1)

    def _record_from(self, position, end):
        while position < end:
            total, kind, record = self._head_at(position, end)
            if kind == RECORD_DATA:
                return position, record
            position += total
        return position, None

    def _head_at(self, position, end):
        left = self.capacity_bytes - (position & self.capacity_bytes - 1)
        head = bytes(self._bytes[self._at(position):self._at(position) + min(left, RECORD_HEAD_BYTES)])
        _load_barrier()
        if self._u64[264 // 8] > position:
            raise _Overwritten()
        found, total, kind = _RECORD_HEAD.unpack_from(head, 0)
        fits = found == position and total % RECORD_ALIGN == 0 and 0 < total <= min(left, end - position)
        if fits and kind == RECORD_PADDING and total == left:
            return total, kind, None
        if fits and kind == RECORD_DATA and total >= RECORD_HEAD_BYTES:
            record = _RECORD.unpack_from(head, 16)
            if record[11] <= total - RECORD_HEAD_BYTES and record[0] != 0:
                return total, kind, record
        raise RingCorrupt("Ring %s: no record begins at position %d" % (self.name, position))


# ---------------------------------------------------------------- as a program

def list_rings(prefix=""):
    """Facts of every ring that begins with prefix: a list of dicts."""
    rings = []
    for name in sorted(os.listdir(SHM)):
        if not name.startswith(prefix) or name.startswith(".") or name.endswith(".leases"):
            continue
        for shape in (SlotRing, ByteRing):
            try:
                with _Quiet(shape, name) as ring:
                    rings.append({
                        "name": name, "kind": "slots" if shape is SlotRing else "bytes", "writer_pid": ring.writer_pid,
                        "alive": not ring.is_gone(), "bytes": len(ring._map),
                        "last_sequence": ring._u64[192 // 8] >> SLOT_BITS if shape is SlotRing else ring._u64[280 // 8],
                    })
            except (RingError, OSError, ValueError):
                continue
    return rings


def _Quiet(shape, name):
    """Opens a ring's header without taking a reader's seat or a place to read."""
    ring = shape.__new__(shape)
    ring._seat = None
    _Ring.__init__(ring, name)
    return ring


def _print_rings(prefix):
    rings = list_rings(prefix)
    if not rings:
        print("no rings in %s" % SHM)
        return 1
    print("%-44s %-6s %8s %-5s %10s %10s" % ("ring", "kind", "writer", "alive", "MiB", "sequence"))
    for ring in rings:
        print("%-44s %-6s %8d %-5s %10.1f %10d" % (
            ring["name"], ring["kind"], ring["writer_pid"], "yes" if ring["alive"] else "no", ring["bytes"] / 2.0 ** 20,
            ring["last_sequence"]))
    return 0


def _latency_ms(mono_ns):
    return (_monotonic_ns() - mono_ns) / 1e6


def _watch(name, seconds):
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        left = 1.0 if deadline is None else max(deadline - time.monotonic(), 0.01)
        try:
            try:
                ring = SlotRing(name)
            except RingError as error:
                if isinstance(error, (RingNotFound, RingCorrupt)):
                    raise
                ring = ByteRing(name)
                ring.seek("end")
            with ring:
                _watch_one(ring, deadline)
        except (RingNotFound, RingGone) as error:
            print(error, file=sys.stderr, flush=True)
            time.sleep(min(0.5, left))
    return 0


def _watch_one(ring, deadline):
    after = 0
    while deadline is None or time.monotonic() < deadline:
        left = 1.0 if deadline is None else max(deadline - time.monotonic(), 0.01)
        if isinstance(ring, SlotRing):
            if ring.wait(after, left):
                frame = ring.copy_newest(after)
                if frame is not None:
                    after = frame.sequence
                    print("sequence %d  shape %s  %s  %d bytes  latency %.3f ms  capture-to-here %.1f ms" % (
                        frame.sequence, "x".join(str(n) for n in frame.shape()), frame.pixel_format, frame.bytes,
                        _latency_ms(frame.publish_mono_ns), _latency_ms(frame.capture_mono_ns)), flush=True)
        elif ring.wait(left):
            record = ring.next_record()
            if record is not None:
                print("sequence %d  %s%s  %d bytes  dropped %d  capture-to-here %.1f ms" % (
                    record.sequence, record.type, " key" if record.key else "", len(record.payload), record.dropped,
                    _latency_ms(record.capture_mono_ns)), flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Looks at Lanthorn's shared-memory rings.")
    commands = parser.add_subparsers(dest="command")
    ls = commands.add_parser("ls", help="list rings")
    ls.add_argument("prefix", nargs="?", default="")
    watch = commands.add_parser("watch", help="print shape, sequence and latency of what comes")
    watch.add_argument("ring")
    watch.add_argument("--seconds", type=float, help="end after so long; default: never")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "ls":
            return _print_rings(chosen.prefix)
        if chosen.command == "watch":
            return _watch(chosen.ring, chosen.seconds)
    except KeyboardInterrupt:
        return 130
    except RingError as error:
        print(error, file=sys.stderr)
        return 1
    parser.print_help()
    return 64


if __name__ == "__main__":
    sys.exit(main())
