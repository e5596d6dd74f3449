#!/usr/bin/env python3
"""Reads Lanthorn's shared-memory rings. One file, Python >= 3.6, standard library only (numpy arrays where numpy is there).

    import lanthorn_rings

    with lanthorn_rings.open_ring("lanthorn.street.frames", wait_s=10) as ring:
        for frame in ring.follow(lease=True):        # each newest frame, in place; leased until the next turn
            print(frame.sequence, frame.pixel_format, frame.array().shape)

    with lanthorn_rings.open_ring("lanthorn.street.results", wait_s=10) as ring:
        for record in ring.follow():                 # every record in order, across restarts of the writer
            print(record.sequence, record.dropped, record.samples())

As a program: `python3 lanthorn_rings.py ls` and `python3 lanthorn_rings.py watch <ring> [--seconds N]`.

A ring and its leases belong to one thread at a time. Layout: docs/ref/rings.md. Why it is right: docs/design/rings.md.
Linux on 64-bit little-endian processors.
"""
import argparse
import array
import collections
import errno
import fcntl
import functools
import json
import mmap
import os
import re
import stat
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
# Indices into the header seen as u32 and as u64: byte offset / 4, / 8.
WAKE32, STATE32, DESCRIPTION_STAMP32, DESCRIPTION_BYTES32 = 32, 33, 80, 81
NEWEST64, BUSY64, HEAD64, TAIL64, WRITING64, LAST64, NEWEST_KEY64 = 24, 25, 32, 33, 34, 35, 36
DESCRIPTION_AT, DESCRIPTION_MAX = 4096, 16384
TABLE_AT = DESCRIPTION_AT + DESCRIPTION_MAX
ENTRY_BYTES, FRAME_IN_ENTRY = 256, 64
STAMP_WRITING, STAMP_CLAIMED = 1, 2
SLOT_BITS, MAX_SLOTS = 6, 64
MAX_OBJECT_BYTES = 2 ** 40
RECORD_HEAD_BYTES, RECORD_ALIGN = 128, 64
RECORD_DATA, RECORD_PADDING = 1, 2
MAX_READERS, SEAT_BYTES = 63, 64
LEASED, ASKED, START_TICKS, PID, PROGRAM, TAKEN, MISSED = 0, 1, 2, 3, 4, 6, 7  # u64 indices into a seat
U64_MAX = 2 ** 64 - 1
NO_PTS = -2 ** 63
HEARTBEAT_S = 1.0
REOPEN_S = 0.1
TRIES = 64
DESCRIPTION_TRIES = 100

_HEADER = struct.Struct("<8sIIQQqQIIQQQQ")  # magic .. capacity_bytes, 88 bytes
_FRAME = struct.Struct("<QqqqqqQIIII4I4III16s16s16s")
_RECORD_HEAD = struct.Struct("<QII")
_RECORD = struct.Struct("<QqqqqqIIIIII")
_IMU = struct.Struct("<qIIddd")
assert _HEADER.size == 88 and _FRAME.size == 160 and _RECORD.size == 72 and _IMU.size == 40

RECORD_TYPES = {1: "packet", 2: "pcm", 3: "imu", 4: "result", 5: "snapshot", 6: "data"}
IMU_SENSORS = {1: "accelerometer", 2: "gyroscope", 3: "magnetometer"}
PCM_CODES = {"pcm_s16le": "h", "pcm_f32le": "f"}


class RingError(Exception):
    """Base of all errors here; `status` is the name of the C interface's ltn_status_e."""

    status = "SYSTEM"


class RingNotFound(RingError):
    """No ring of that name: its writer has not started. Or no such stream in the ring's description."""
    status = "NOT_FOUND"


class RingGone(RingError):
    """The writer has ended or was replaced: reopen by name."""
    status = "GONE"


class RingCorrupt(RingError):
    """The ring's bytes are none that a writer of this version writes."""
    status = "CORRUPT"


class RingTorn(RingError):
    """The writer overtook every attempt to read; nothing was returned."""
    status = "TORN"


class RingBusy(RingError):
    """All 63 reader seats of the ring are taken, or this Python cannot lease: copy instead."""
    status = "BUSY"


class RingPermission(RingError):
    """This user may not read the ring, or may read but not lease: is it in the rings' group?"""
    status = "PERMISSION"


class RingMisuse(RingError):
    """An argument no ring answers to: a bad name, the other kind of ring, an unknown place."""
    status = "INVALID_ARGUMENT"


# ---------------------------------------------------------------- the kernel: locks that tell who lives, and the futex

F_OFD_GETLK, F_OFD_SETLK = 36, 37
_FLOCK = struct.Struct("hhqqi4x")  # struct flock: l_type, l_whence, (pad), l_start, l_len, l_pid, (pad)
F_RDLCK, F_WRLCK, F_UNLCK = 0, 1, 2


def _is_byte_locked(fd, byte):
    """Whether some other open file write-locks the byte: its owner lives. Who cannot ask believes so."""
    try:
        answer = fcntl.fcntl(fd, F_OFD_GETLK, _FLOCK.pack(F_RDLCK, 0, byte, 1, 0))
    except OSError:
        return True
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
_FUTEX_WAIT, _FUTEX_WAKE_PRIVATE = 0, 129

if ctypes is not None:
    class _Timespec(ctypes.Structure):
        _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]

    class _PyBuffer(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t),
                    ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                    ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
                    ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]

    _barrier_word = ctypes.c_uint32(0)


def _address_of(view):
    """ctypes gives no address of a read-only buffer; the buffer protocol's C interface does."""
    buffer = _PyBuffer()
    get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
    get.argtypes = [ctypes.py_object, ctypes.POINTER(_PyBuffer), ctypes.c_int]
    release.argtypes = [ctypes.POINTER(_PyBuffer)]
    get(view, ctypes.byref(buffer), 0)
    address = buffer.buf
    release(ctypes.byref(buffer))
    return address


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


def _deadline(timeout_s):
    return float("inf") if timeout_s is None else time.monotonic() + timeout_s


def _parse_json(text, what):
    def refuse(constant):
        raise ValueError(constant)  # NaN and Infinity are Python's own

    try:
        return json.loads(text.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise RingCorrupt("%s is not JSON" % what)


# ---------------------------------------------------------------- what both shapes share

class _Ring:
    """A read-only mapping whose geometry was checked once and is kept in private memory."""

    _kind = None  # any

    def __init__(self, name):
        if not re.match(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\Z", name) or name.endswith(".leases"):
            raise RingMisuse("Expected a ring name of 1 to 200 characters of [A-Za-z0-9._-], without a leading dot and not "
                             "ending in .leases, but received %r" % (name[:220],))
        self.name = name
        self.reopened = 0  # how often follow() has gone over to a new writer's ring
        self.torn = 0  # how often follow() was overtaken while it read, and read again
        self._open()

    def _open(self):
        try:
            self._fd = os.open(os.path.join(SHM, self.name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise RingNotFound("No ring named %s: its writer has not started" % self.name)
        except PermissionError:
            raise RingPermission("Ring %s: cannot open it (is this user in the rings' group?)" % self.name)
        except OSError as error:
            raise RingError("Ring %s: cannot open it: %s" % (self.name, error))
        try:
            self._open_mapping()
        except Exception:
            self.close()
            raise

    def _open_mapping(self):
        facts = os.fstat(self._fd)
        size = facts.st_size
        if not stat.S_ISREG(facts.st_mode) or size < TABLE_AT:
            raise RingCorrupt("/dev/shm/%s is not a ring (%d bytes)" % (self.name, size))
        self._map = mmap.mmap(self._fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
        (magic, version, self.kind, total, self.incarnation, self.created_wall_us, self.writer_start_ticks, self.writer_pid,
         self.slots, self.slot_bytes, table_at, self._data_at, self.capacity_bytes) = _HEADER.unpack_from(self._map, 0)
        if magic != b"LTNRING\0":
            raise RingCorrupt("/dev/shm/%s is not a ring (no magic)" % self.name)
        if version != VERSION:
            raise RingCorrupt("Ring %s has layout version %d; this reader knows %d" % (self.name, version, VERSION))
        if self._kind not in (None, self.kind) and self.kind in (KIND_SLOTS, KIND_BYTES):
            raise RingMisuse("Ring %s is a %s ring; open it as one" % (self.name, "slot" if self.kind == KIND_SLOTS else "byte"))
        if self.kind == KIND_SLOTS:
            data_at = (TABLE_AT + self.slots * ENTRY_BYTES + PAGE - 1) // PAGE * PAGE
            fits = 3 <= self.slots <= MAX_SLOTS and self.capacity_bytes == 0 and self.slot_bytes % PAGE == 0
            valid = fits and 0 < self.slot_bytes <= MAX_OBJECT_BYTES // MAX_SLOTS
            expected = data_at + self.slots * self.slot_bytes
        else:
            data_at = TABLE_AT
            fits = self.kind == KIND_BYTES and self.slots == 0 and self.slot_bytes == 0
            valid = fits and 4096 <= self.capacity_bytes <= MAX_OBJECT_BYTES and not self.capacity_bytes & self.capacity_bytes - 1
            expected = data_at + self.capacity_bytes
        if not valid or expected != size or total != size or table_at != TABLE_AT or self._data_at != data_at:
            raise RingCorrupt("Ring %s: its header does not fit its size of %d bytes" % (self.name, size))
        self.total_bytes = size
        self._bytes = memoryview(self._map)
        # One load each: indexing a cast memoryview copies 8 (4) aligned bytes, which these processors do in one access.
        self._u64 = self._bytes[:PAGE].cast("Q")
        self._u32 = self._bytes[:PAGE].cast("I")
        self._gone = False
        self._next_look = 0.0

    def is_gone(self):
        """Whether nothing more will be published. Asks the kernel at most four times a second."""
        if not self._gone:
            if self._u32[STATE32] != STATE_LIVE:
                self._gone = True
            else:
                now = time.monotonic()
                if now >= self._next_look:
                    self._next_look = now + HEARTBEAT_S / 4
                    self._gone = not _is_byte_locked(self._fd, 0)
            _load_barrier()
        return self._gone

    def _fail_gone(self):
        raise RingGone("The writer of ring %s has ended or was replaced; reopen by name" % self.name)

    def description(self):
        """What the writer says of its ring (parsed JSON), or None before it said anything. Raises RingTorn, RingCorrupt."""
        text = self.description_json()
        return _parse_json(text, "The description of ring %s" % self.name) if text else None

    def description_json(self):
        """The description's bytes as they lie in the ring. Raises RingTorn, RingCorrupt."""
        return self._described()[1]

    def _described(self):
        for _ in range(DESCRIPTION_TRIES):
            before = self._u32[DESCRIPTION_STAMP32]
            if before % 2 == 1:
                time.sleep(0.0001)  # a change takes microseconds, unless its writer lost the processor
                continue
            _load_barrier()
            size = self._u32[DESCRIPTION_BYTES32]
            text = bytes(self._bytes[DESCRIPTION_AT:DESCRIPTION_AT + min(size, DESCRIPTION_MAX)])
            _load_barrier()
            if self._u32[DESCRIPTION_STAMP32] == before:
                if size > DESCRIPTION_MAX:
                    raise RingCorrupt("Ring %s: its description claims %d bytes" % (self.name, size))
                return before // 2, text
        raise RingTorn("Ring %s: its description changed all the time, or its writer died while changing it" % self.name)

    def _has_news(self):
        raise NotImplementedError

    def _go_over_if_grown(self):
        return False

    def _take(self, lease):
        """The next frame or record for follow(), or None, and what is to be called when its turn is over."""
        raise NotImplementedError

    def follow(self, timeout_s=None, reattach=True, lease=False):
        """Yields what comes: of a slot ring each newest frame (whole copies, or leased until the next turn with lease=True),
        of a byte ring every record. When the writer ends or is replaced it waits for the next ring of that name and goes on
        there (`reopened` counts; a byte ring from its oldest record); with reattach=False it ends there. Ends when timeout_s
        pass without anything, and may then be called again. Raises RingCorrupt."""
        deadline = _deadline(timeout_s)
        while True:
            taken = done = None
            try:
                if self._fd < 0 and not self._detached:
                    return  # closed by its owner
                if self._fd < 0:
                    self._fail_gone()
                taken, done = self._take(lease)
                if taken is None and not self._wait(deadline):
                    return
            except RingTorn:
                self.torn += 1  # overtaken: what comes next is newer
                if time.monotonic() >= deadline:
                    return
            except RingGone:
                if not reattach or not self._reattach(deadline):
                    return
            if taken is not None:
                try:
                    yield taken
                finally:
                    if done is not None:
                        done()
                deadline = _deadline(timeout_s)

    def _reattach(self, deadline):
        """Opens the next ring of the name; a dead writer's ring keeps its name until then and is not read twice."""
        read_already = self.incarnation
        self.close()
        self._detached = True
        while True:
            try:
                self._open()
                if self.incarnation != read_already:
                    self.reopened += 1
                    self._detached = False
                    return True
                self.close()
            except RingError:
                pass
            self.incarnation = read_already
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(REOPEN_S, left))

    def _wait(self, deadline):
        while True:
            seen = self._u32[WAKE32]  # before looking: what comes after the look has moved the word
            _load_barrier()
            if self._has_news():
                return True
            if self.is_gone():
                return self._has_news() or self._go_over_if_grown() or self._fail_gone()
            left = min(deadline - time.monotonic(), HEARTBEAT_S / 2)
            if left <= 0:
                return False
            self._sleep(seen, left)

    def _sleep(self, seen, timeout_s):
        if not _can_use_futex():
            time.sleep(min(timeout_s, 0.002))
            return
        if self._wake_address is None:
            self._wake_address = _address_of(self._bytes) + 4 * WAKE32
        timeout = _Timespec(int(timeout_s), int(timeout_s % 1 * 1e9))
        _libc.syscall(ctypes.c_long(_SYS_FUTEX), ctypes.c_void_p(self._wake_address), ctypes.c_int(_FUTEX_WAIT),
                      ctypes.c_uint32(seen), ctypes.byref(timeout), None, ctypes.c_int(0))

    _fd, _map, _wake_address, _detached = -1, None, None, False

    def close(self):
        """Ends reading. Arrays, views and leases handed out keep the memory until they are gone. May be called twice."""
        for name in ("_u64", "_u32", "_table", "_bytes", "_wake_address"):
            self.__dict__.pop(name, None)
        if self._map is not None:
            try:
                self._map.close()
            except BufferError:  # somebody still looks at a frame: it closes with the last of them
                pass
            self._map = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __getattr__(self, attribute):  # asked only for what is not there
        if attribute in ("_u64", "_u32", "_table", "_bytes"):
            raise RingError("Ring %s is closed; open it again" % self.name)
        raise AttributeError(attribute)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


def open_ring(name, wait_s=0):
    """Opens a ring of either kind as SlotRing or ByteRing, waiting up to wait_s (None: for ever) for its writer to start."""
    deadline = _deadline(wait_s)
    while True:
        try:
            with _Ring(name) as ring:
                kind = ring.kind
            return (SlotRing if kind == KIND_SLOTS else ByteRing)(name)
        except RingNotFound:
            if time.monotonic() >= deadline:
                raise
            time.sleep(REOPEN_S)


# ---------------------------------------------------------------- frames

# Planes of the formats known: bytes a pixel of plane 0, bytes a sample and shifts of the other planes, number of planes.
_FORMATS = {
    "nv12": (1, 2, 1, 1, 2), "nv21": (1, 2, 1, 1, 2), "p010le": (2, 4, 1, 1, 2),
    "yuv420p": (1, 1, 1, 1, 3), "yuvj420p": (1, 1, 1, 1, 3), "yuv422p": (1, 1, 1, 0, 3), "yuvj422p": (1, 1, 1, 0, 3),
    "yuv444p": (1, 1, 0, 0, 3), "yuvj444p": (1, 1, 0, 0, 3), "yuv420p10le": (2, 2, 1, 1, 3),
    "gray": (1, 0, 0, 0, 1), "gray16le": (2, 0, 0, 0, 1), "grayf32le": (4, 0, 0, 0, 1),
    "rgb24": (3, 0, 0, 0, 1), "bgr24": (3, 0, 0, 0, 1), "rgba": (4, 0, 0, 0, 1), "bgra": (4, 0, 0, 0, 1),
}
_CHANNELS = {"rgb24": 3, "bgr24": 3, "rgba": 4, "bgra": 4}
_ITEMS = {"gray16le": "<u2", "grayf32le": "<f4", "p010le": "<u2", "yuv420p10le": "<u2"}


class Frame:
    """One frame: its description, and `data` (bytes of a copy, or a read-only memoryview of a leased or peeked slot)."""

    __slots__ = ("sequence", "capture_mono_ns", "capture_wall_us", "arrival_mono_ns", "publish_mono_ns", "pts_90k",
                 "source_sequence", "width_px", "height_px", "flags", "key", "planes", "bytes", "pixel_format",
                 "color_space", "color_range", "data", "_is_whole")

    def __init__(self, values, slot_bytes, ring_name):
        (self.sequence, self.capture_mono_ns, self.capture_wall_us, self.arrival_mono_ns, self.publish_mono_ns,
         self.pts_90k, self.source_sequence, self.width_px, self.height_px, self.flags, planes) = values[:11]
        offsets, strides = values[11:15], values[15:19]
        self.bytes = values[19]
        self.pixel_format, self.color_space, self.color_range = (_text(v) for v in values[21:24])
        self.key = bool(self.flags & 1)
        if self.bytes > slot_bytes or planes > 4:
            raise RingCorrupt("Ring %s: frame %d does not fit its slot" % (ring_name, self.sequence))
        self.planes = [(offsets[i], strides[i]) for i in range(planes)]
        self.data = None
        self._is_whole = None
        layout = _FORMATS.get(self.pixel_format)
        if layout is not None and layout[4] != planes:
            raise RingCorrupt("Ring %s: %d planes are not %s" % (ring_name, planes, self.pixel_format))
        for i in range(planes):
            row, rows = self._plane_size(i) if layout is not None else (0, 0)
            offset, stride = self.planes[i]
            end = offset + stride * (rows - 1) + row if rows and row else offset
            if end > self.bytes or stride < row and rows:
                raise RingCorrupt("Ring %s: plane %d of frame %d leaves the frame" % (ring_name, i, self.sequence))

    def _plane_size(self, plane):
        """(bytes of a row, rows) of a known format's plane."""
        first, other, shift_x, shift_y, _ = _FORMATS[self.pixel_format]
        if plane == 0:
            return self.width_px * first, self.height_px
        return (self.width_px + (1 << shift_x) - 1 >> shift_x) * other, self.height_px + (1 << shift_y) - 1 >> shift_y

    def is_whole(self):
        """For a peeked frame: whether the writer left it alone until now. Ask after the last use; then believe the result.
        (For a leased one: False only if somebody damaged the lease object.)"""
        return self._is_whole is None or self._is_whole()

    def shape(self):
        """Shape of array(): rows, columns(, channels) of plane 0."""
        channels = _CHANNELS.get(self.pixel_format)
        return (self.height_px, self.width_px) + (() if channels is None else (channels,))

    def array(self, plane=0):
        """A plane as a numpy array that shares `data`'s memory: [rows, columns(, channels)]; plane 1 of nv12 is [rows,
        columns, 2]. Of a leased frame it is valid until release. Raises ImportError without numpy."""
        import numpy
        if self.pixel_format not in _FORMATS or plane >= len(self.planes):
            raise RingMisuse("Plane %d of pixel format %s is not known here; use .data" % (plane, self.pixel_format))
        row, rows = self._plane_size(plane)
        offset, stride = self.planes[plane]
        kind = numpy.dtype(_ITEMS.get(self.pixel_format, "u1"))
        groups = 2 if plane == 1 and self.pixel_format in ("nv12", "nv21", "p010le") else _CHANNELS.get(self.pixel_format, 1)
        shape, strides = (rows, row // kind.itemsize // groups), (stride, kind.itemsize * groups)
        if groups > 1:
            shape, strides = shape + (groups,), strides + (kind.itemsize,)
        if row == 0 or rows == 0:
            return numpy.empty(shape, kind)
        return numpy.ndarray(shape, kind, self.data, offset, strides)


def _text(value):
    end = value.find(b"\0")
    if end < 0:
        raise RingCorrupt("A name in a frame's description is not terminated")
    return value[:end].decode("latin-1")


def _is_unchanged(table, slot, stamp):
    _load_barrier()
    return table[slot * ENTRY_BYTES // 8] & ~STAMP_CLAIMED == stamp


class _Seat:
    """One reader's entry of the lease object; the lock on its first byte tells the writer that we live."""

    def __init__(self, name, incarnation):
        path = os.path.join(SHM, name + ".leases")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise RingNotFound("Ring %s has no lease object: it is just being replaced; open it again" % name)
        except PermissionError:
            raise RingPermission("Ring %s: this user may read but not lease (is it in the rings' group?)" % name)
        try:
            self._sit_down(name, incarnation)
        except Exception:
            os.close(self._fd)
            raise
        self._held = [0] * MAX_SLOTS
        self._last, self._taken, self._missed, self._left = 0, 0, 0, False

    def _sit_down(self, name, incarnation):
        if os.fstat(self._fd).st_size != PAGE:
            raise RingCorrupt("Ring %s: its lease object is not one of version %d" % (name, VERSION))
        leases = mmap.mmap(self._fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        magic, version, _, of = struct.unpack_from("<8sIIQ", leases, 0)
        if magic != b"LTNLEASE" or version != VERSION:
            raise RingCorrupt("Ring %s: its lease object is not one of version %d" % (name, VERSION))
        if of != incarnation:
            raise RingNotFound("Ring %s is just being replaced; open it again" % name)
        for reader in range(MAX_READERS):
            at = SEAT_BYTES * (reader + 1)
            if _try_lock_byte(self._fd, at):  # the kernel drops this lock when we die
                program = os.path.basename(sys.argv[0] or "python").encode("utf-8", "replace")[:15]
                with open("/proc/self/stat") as stat_line:
                    ticks = int(stat_line.read().rpartition(")")[2].split()[19])
                struct.pack_into("<QqQI4x16sQQ", leases, at, 0, _monotonic_ns(), ticks, os.getpid(), program, 0, 0)
                self._map, self._words = leases, memoryview(leases)[at:at + SEAT_BYTES].cast("Q")
                return
        raise RingBusy("Ring %s: all %d reader seats are taken; close a reader, or copy frames" % (name, MAX_READERS))

    def note_asked(self):
        self._words[ASKED] = _monotonic_ns()

    def note_taken(self, sequence):
        if sequence > self._last:
            self._taken += 1
            self._missed += sequence - self._last - 1 if self._last else 0
            self._last = sequence
            self._words[TAKEN], self._words[MISSED] = self._taken, self._missed & U64_MAX

    def mark(self, slot):
        self._held[slot] += 1
        self._words[LEASED] = self._words[LEASED] | 1 << slot

    def clear(self, slot):
        self._held[slot] -= 1
        if self._held[slot] == 0:
            _full_barrier()  # our loads from the slot are done before the writer can see it free
            self._words[LEASED] = self._words[LEASED] & ~(1 << slot)
        if self._left:
            self.leave()

    def is_marked(self, slot):
        return bool(self._words[LEASED] >> slot & 1)

    def leave(self):
        """Gives the seat up, now or with the last lease."""
        self._left = True
        if any(self._held):
            self._words[ASKED] = 0
        elif self._words is not None:
            self._words[LEASED] = self._words[ASKED] = 0
            self._words = None
            self._map.close()
            os.close(self._fd)  # drops the lock


class Lease:
    """A frame that the writer leaves alone until release (or the end of a `with`). It may outlive its ring."""

    def __init__(self, seat, slot, frame):
        self._seat, self._slot, self.frame = seat, slot, frame

    def release(self):
        """Gives the slot back; frame.data may not be used any more. May be called twice."""
        seat, self._seat = self._seat, None
        if seat is not None:
            try:
                self.frame.data.release()
            except BufferError:  # an array of it is still alive, and shows what the writer writes from now on
                pass
            self.frame._is_whole = lambda: False
            seat.clear(self._slot)

    def __enter__(self):
        return self.frame

    def __exit__(self, *_):
        self.release()

    def __del__(self):
        self.release()


class SlotRing(_Ring):
    """Reader of a slot ring: the newest frame, copied, looked at in place, or leased."""

    _kind = KIND_SLOTS
    _seat = _why_no_seat = None

    def _open(self):
        for attempt in range(21):  # a writer names its ring and its lease object one after the other
            _Ring._open(self)
            self._table = self._bytes[TABLE_AT:TABLE_AT + self.slots * ENTRY_BYTES].cast("Q")
            self._after = 0
            try:
                self._seat = _Seat(self.name, self.incarnation)
                return
            except (RingError, OSError) as why:  # without a seat it can still copy; lease_newest says why not
                self._why_no_seat = why if isinstance(why, RingError) else RingError("Ring %s: %s" % (self.name, why))
                if not isinstance(why, RingNotFound) or attempt == 20 or self.is_gone():
                    return
            self.close()
            time.sleep(0.001)

    def wait(self, after_sequence=0, timeout_s=None):
        """Sleeps until a frame after after_sequence is there: True, or False after timeout_s. Raises RingGone."""
        self._after = after_sequence
        return self._wait(_deadline(timeout_s))

    def _has_news(self):
        self._note_asked()
        return self._u64[NEWEST64] >> SLOT_BITS > self._after

    def _note_asked(self):
        if self._seat is not None:
            self._seat.note_asked()

    def _took(self, frame):
        if self._seat is not None:
            self._seat.note_taken(frame.sequence)
        return frame

    def peek_newest(self, after_sequence=0):
        """Looks at the newest frame in place; data may change at any moment: check frame.is_whole() after use. None: nothing newer."""
        found = self._find(after_sequence)
        if found is None:
            return None
        frame, slot, stamp = found
        frame.data = self._slot_view(slot, frame.bytes)
        frame._is_whole = functools.partial(_is_unchanged, self._table, slot, stamp)
        return self._took(frame)

    def copy_newest(self, after_sequence=0):
        """Copies the newest frame, whole, or returns None when there is nothing newer. Raises RingTorn, RingGone, RingCorrupt."""
        for _ in range(TRIES):
            found = self._find(after_sequence)
            if found is None:
                return None
            frame, slot, stamp = found
            frame.data = bytes(self._slot_view(slot, frame.bytes))
            if _is_unchanged(self._table, slot, stamp):
                return self._took(frame)
        raise RingTorn("Ring %s: overwritten during each of %d copies; lease instead" % (self.name, TRIES))

    def lease_newest(self, after_sequence=0):
        """Leases the newest frame: `with ring.lease_newest() as frame:`. None: nothing newer. Raises as copy_newest, and
        RingBusy, RingPermission when there is no seat to lease from."""
        for _ in range(TRIES):
            found = self._find(after_sequence)
            if found is None:
                return None
            if self._seat is None:
                raise type(self._why_no_seat)(str(self._why_no_seat))
            if not _can_use_futex():
                raise RingBusy("This Python has no ctypes, and leasing needs a memory barrier: copy frames instead")
            frame, slot, stamp = found
            self._seat.mark(slot)
            _full_barrier()  # our lease is out before we look again (docs/design/rings.md#lease)
            if self._table[slot * ENTRY_BYTES // 8] == stamp:
                frame.data = self._slot_view(slot, frame.bytes)
                seat, table = self._seat, self._table
                frame._is_whole = lambda: seat.is_marked(slot) and _is_unchanged(table, slot, stamp)
                return Lease(self._seat, slot, self._took(frame))
            self._seat.clear(slot)
        raise RingTorn("Ring %s: the writer overtook each of %d attempts to lease" % (self.name, TRIES))

    def _take(self, lease):
        leased = self.lease_newest(self._after) if lease else None
        frame = (leased and leased.frame) if lease else self.copy_newest(self._after)
        if frame is not None:
            self._after = frame.sequence
        return frame, leased and leased.release

    def _find(self, after_sequence):
        """(frame, slot, stamp) of the newest frame, its description whole and checked; None: nothing newer."""
        self._note_asked()
        for _ in range(TRIES):
            newest = self._u64[NEWEST64]
            if newest >> SLOT_BITS <= after_sequence:
                if not self.is_gone():
                    return None
                if self._u64[NEWEST64] >> SLOT_BITS <= after_sequence:
                    self._fail_gone()
                continue
            slot = newest & MAX_SLOTS - 1
            if slot >= self.slots:
                raise RingCorrupt("Ring %s: its header names slot %d of %d" % (self.name, slot, self.slots))
            _load_barrier()
            stamp = self._table[slot * ENTRY_BYTES // 8] & ~STAMP_CLAIMED
            _load_barrier()
            values = _FRAME.unpack_from(self._bytes, TABLE_AT + slot * ENTRY_BYTES + FRAME_IN_ENTRY)
            if stamp & STAMP_WRITING or not _is_unchanged(self._table, slot, stamp):
                continue
            if values[0] != newest >> SLOT_BITS:
                if self._u64[NEWEST64] != newest:
                    continue
                raise RingCorrupt("Ring %s: slot %d holds frame %d" % (self.name, slot, values[0]))
            return Frame(values, self.slot_bytes, self.name), slot, stamp
        raise RingTorn("Ring %s: the writer overtook each of %d looks" % (self.name, TRIES))

    def _slot_view(self, slot, size):
        start = self._data_at + slot * self.slot_bytes
        return self._bytes[start:start + size]

    def close(self):
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.leave()
        _Ring.close(self)


# ---------------------------------------------------------------- records

ImuSample = collections.namedtuple("ImuSample", "mono_ns sensor x y z")
ImuSample.__doc__ = "One sample; accelerometer in m/s2, gyroscope in rad/s, magnetometer in microtesla."


class Record:
    """One record: its description, `payload` (bytes), `dropped` (how many records were lost just before it), and for PCM
    `stream`, its entry of the description's "streams"."""

    __slots__ = ("sequence", "capture_mono_ns", "capture_wall_us", "arrival_mono_ns", "pts_90k", "dts_90k", "duration_90k",
                 "type", "flags", "key", "discontinuity", "stream_index", "description_version", "payload", "dropped", "stream")

    def __init__(self, values):
        (self.sequence, self.capture_mono_ns, self.capture_wall_us, self.arrival_mono_ns, pts, dts, self.duration_90k,
         kind, self.flags, self.stream_index, self.description_version, _) = values
        self.pts_90k = None if pts == NO_PTS else pts
        self.dts_90k = None if dts == NO_PTS else dts
        self.type = RECORD_TYPES.get(kind, str(kind))
        self.key, self.discontinuity = bool(self.flags & 1), bool(self.flags & 2)
        self.payload, self.dropped, self.stream = b"", 0, None

    def samples(self):
        """The payload by its type. PCM: a numpy array [frames, channels], or without numpy an array('h' or 'f'), interleaved;
        IMU: a list of ImuSample; result: the parsed JSON. Raises RingCorrupt when the payload is not what it should be,
        RingNotFound when the description does not (or no longer) say what the sound is, RingMisuse for other types."""
        if self.type == "imu":
            if not self.payload or len(self.payload) % _IMU.size:
                raise RingCorrupt("IMU record %d is no whole number of samples" % self.sequence)
            try:
                return [ImuSample(ns, IMU_SENSORS[sensor], x, y, z)
                        for ns, sensor, _, x, y, z in _IMU.iter_unpack(self.payload)]
            except KeyError as sensor:
                raise RingCorrupt("IMU record %d names sensor %s; 1 to 3 are known" % (self.sequence, sensor))
        if self.type == "result":
            return _parse_json(self.payload, "Result record %d" % self.sequence)
        if self.type == "pcm":
            return self._pcm()
        raise RingMisuse("A record of type %s holds no samples; use .payload" % self.type)

    def _pcm(self):
        stream = self.stream or {}
        codec, channels = stream.get("codec"), stream.get("channels")
        code = PCM_CODES.get(codec) if isinstance(codec, str) else None
        if code is None or type(channels) is not int or channels < 1:
            raise RingNotFound("The description that PCM record %d was written under is gone, or does not say what stream %d is"
                               % (self.sequence, self.stream_index))
        samples = array.array(code)
        if len(self.payload) % (samples.itemsize * channels):
            raise RingCorrupt("PCM record %d is no whole number of samples of %d channels" % (self.sequence, channels))
        try:
            import numpy
        except ImportError:
            samples.frombytes(self.payload)
            return samples
        return numpy.frombuffer(self.payload, "<i2" if code == "h" else "<f4").reshape(-1, channels)


_OBJECT_PARTS = ("_fd", "_map", "_bytes", "_u64", "_u32", "total_bytes", "capacity_bytes", "_gone", "_next_look", "_wake_address")


class _Overwritten(Exception):
    pass


class ByteRing(_Ring):
    """Reader of a byte ring: every record in order, beginning with the oldest still there."""

    _kind = KIND_BYTES

    def _open(self):
        _Ring._open(self)
        self._streams_version, self._streams_stamp, self._streams = -1, -1, []
        try:
            self._dropped = 0
            self._seek_oldest()
        except Exception:
            self.close()
            raise

    def wait(self, timeout_s=None):
        """Sleeps until next_record() has something: True, or False after timeout_s. Raises RingGone."""
        return self._wait(_deadline(timeout_s))

    def _has_news(self):
        return self._u64[HEAD64] != self._cursor

    def _go_over_if_grown(self):
        """A ring that grew is the same ring in a larger object: places and sequences mean the same there."""
        try:
            grown = ByteRing(self.name)
        except RingError:
            return False
        is_grown = grown.incarnation == self.incarnation and grown.capacity_bytes > self.capacity_bytes
        if is_grown:
            for part in _OBJECT_PARTS:
                mine, its = getattr(self, part), getattr(grown, part)
                setattr(self, part, its)
                setattr(grown, part, mine)
        grown.close()
        return is_grown

    def _take(self, lease):
        return self.next_record(), None

    def seek(self, place):
        """place: "oldest", "newest-key" (where a decoder can begin), "end" (only what comes from now on), or a sequence (that
        record, or the oldest after it)."""
        self._dropped = 0
        if self.is_gone():
            self._go_over_if_grown()
        if place == "oldest":
            self._seek_oldest()
        elif place == "newest-key":
            self._seek_newest_key()
        elif place == "end":
            self._seek_end()
        elif isinstance(place, int) and place >= 0:
            self._seek_sequence(place)
        else:
            raise RingMisuse("Expected oldest, newest-key, end or a sequence but received %r" % (place,))

    def _stand_at(self, position, sequence):
        self._cursor, self._expected = position, sequence & U64_MAX  # 0: unknown, losses are not counted

    def _seek_oldest(self):
        for _ in range(TRIES):
            tail, head = self._bounds()
            try:
                position, record = self._record_from(tail, head)
            except _Overwritten:
                continue
            if record is None:
                return self._seek_end()  # the ring is empty
            return self._stand_at(position, record[0])
        raise self._lapped()

    def _seek_newest_key(self):
        for _ in range(TRIES):
            key = self._u64[NEWEST_KEY64]
            _load_barrier()
            tail, head = self._bounds()
            if key == U64_MAX or key < tail:
                break
            if key >= head or key % RECORD_ALIGN:
                raise RingCorrupt("Ring %s: the newest key record lies outside" % self.name)
            try:
                _, kind, record = self._head_at(key, head)
            except _Overwritten:
                continue
            if kind != RECORD_DATA:
                raise RingCorrupt("Ring %s: the newest key record is padding" % self.name)
            return self._stand_at(key, record[0])
        return self._seek_end()

    def _seek_end(self):
        for _ in range(TRIES):
            last = self._u64[LAST64]
            _load_barrier()
            head = self._u64[HEAD64]
            _load_barrier()
            if self._u64[WRITING64] == last:  # no append was under way: head is the end of record `last`
                if head % RECORD_ALIGN:
                    raise RingCorrupt("Ring %s: head is not aligned" % self.name)
                return self._stand_at(head, last + 1)
        # The writer died in the middle of an append, or appends without pause: right place, unknown sequence.
        return self._stand_at(self._bounds()[1], 0)

    def _seek_sequence(self, sequence):
        self._seek_oldest()
        while self._expected and self._expected < sequence:
            tail, head = self._bounds()
            try:
                if self._cursor < tail:
                    raise _Overwritten()
                position, record = self._record_from(self._cursor, head)
                if record is None:
                    return  # not written yet: stand at the end
                total = self._head_at(position, head)[0]
            except _Overwritten:
                self._seek_oldest()  # lapped while walking; the oldest is later now
                continue
            if record[0] != self._expected:
                raise RingCorrupt("Ring %s: a record is out of sequence" % self.name)
            self._stand_at(position + total, record[0] + 1)

    def next_record(self):
        """The next record, or None when there is none now. Raises RingGone only after everything whole was read."""
        for _ in range(TRIES):
            tail, head = self._bounds()
            if self._cursor > head:
                raise RingCorrupt("Ring %s: head moved back" % self.name)
            try:
                if self._cursor < tail:
                    self._recover(tail, head)
                    continue
                if self._cursor == head:
                    if not self.is_gone():
                        return None
                    if self._u64[HEAD64] == head and not self._go_over_if_grown():
                        self._fail_gone()
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
                if self._u64[TAIL64] > self._cursor:
                    continue
            except _Overwritten:
                continue
            self._stand_at(self._cursor + total, values[0] + 1)
            record.dropped, self._dropped = self._dropped, 0
            if record.type == "pcm":
                record.stream = self._stream(record)
            return record
        raise self._lapped()

    def _lapped(self):
        return RingTorn("Ring %s: the writer lapped this reader again and again; the ring is too small" % self.name)

    def _recover(self, tail, head):
        """The cursor was lapped: stands at the oldest whole record and counts what was lost."""
        position, record = self._record_from(tail, head)
        if record is None:
            return
        if record[0] < self._expected:
            raise RingCorrupt("Ring %s: sequences run backwards" % self.name)
        self._dropped += record[0] - self._expected if self._expected else 0
        self._stand_at(position, record[0])

    def _stream(self, record):
        """The record's entry of "streams", if the description it was written under is still the ring's, or was when last read."""
        stamp = self._u32[DESCRIPTION_STAMP32]
        if self._streams_version != record.description_version and stamp != self._streams_stamp:
            self._streams_stamp = stamp  # what cannot be read is tried once
            try:
                self._streams_version, text = self._described()
                described = _parse_json(text, "The description") if text else None
            except RingError:
                self._streams_version, described = -1, None
            streams = described.get("streams") if isinstance(described, dict) else None
            self._streams = [s for s in streams if isinstance(s, dict)] if isinstance(streams, list) else []
        if self._streams_version != record.description_version:
            return None
        return next((s for s in self._streams if s.get("index") == record.stream_index), None)

    def _bounds(self):
        tail = self._u64[TAIL64]  # first: head never moves back, so tail <= head holds for every pair of loads
        _load_barrier()
        head = self._u64[HEAD64]
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
        if self._u64[TAIL64] > position:
            raise _Overwritten()
        found, total, kind = _RECORD_HEAD.unpack_from(head, 0)
        fits = found == position and total % RECORD_ALIGN == 0 and 0 < total <= min(left, end - position)
        if fits and kind == RECORD_PADDING and (position + total) % 4096 == 0:  # where the ring ends, or ended before it grew
            return total, kind, None
        if fits and kind == RECORD_DATA and total >= RECORD_HEAD_BYTES:
            record = _RECORD.unpack_from(head, 16)
            if record[11] <= total - RECORD_HEAD_BYTES and record[0] != 0:
                return total, kind, record
        raise RingCorrupt("Ring %s: no record begins at position %d" % (self.name, position))


# ---------------------------------------------------------------- as a program

def list_rings(prefix=""):
    """Facts of every ring that begins with prefix: a list of dicts. `busy`: frames dropped because no slot was free."""
    rings = []
    for name in sorted(os.listdir(SHM)):
        if not name.startswith(prefix) or name.startswith(".") or name.endswith(".leases"):
            continue
        try:
            with _Ring(name) as ring:
                slots = ring.kind == KIND_SLOTS
                rings.append({
                    "name": name, "kind": "slots" if slots else "bytes", "writer_pid": ring.writer_pid,
                    "alive": not ring.is_gone(), "bytes": ring.total_bytes, "busy": ring._u64[BUSY64] if slots else None,
                    "last_sequence": ring._u64[NEWEST64] >> SLOT_BITS if slots else ring._u64[LAST64],
                })
        except (RingError, OSError, ValueError):
            continue
    return rings


def _print_rings(prefix):
    rings = list_rings(prefix)
    if not rings:
        print("no rings in %s" % SHM)
        return 1
    print("%-44s %-6s %8s %-5s %10s %10s %8s" % ("ring", "kind", "writer", "alive", "MiB", "sequence", "busy"))
    for ring in rings:
        print("%-44s %-6s %8d %-5s %10.1f %10d %8s" % (
            ring["name"], ring["kind"], ring["writer_pid"], "yes" if ring["alive"] else "no", ring["bytes"] / 2.0 ** 20,
            ring["last_sequence"], "-" if ring["busy"] is None else ring["busy"]))
    return 0


def _latency_ms(mono_ns):
    return (_monotonic_ns() - mono_ns) / 1e6


def _line_of(item):
    if isinstance(item, Frame):
        return "sequence %d  shape %s  %s  %d bytes  latency %.3f ms  capture-to-here %.1f ms" % (
            item.sequence, "x".join(str(n) for n in item.shape()), item.pixel_format, item.bytes,
            _latency_ms(item.publish_mono_ns), _latency_ms(item.capture_mono_ns))
    return "sequence %d  %s%s  %d bytes  dropped %d  capture-to-here %.1f ms" % (
        item.sequence, item.type, " key" if item.key else "", len(item.payload), item.dropped,
        _latency_ms(item.capture_mono_ns))


def _watch(name, seconds):
    deadline = _deadline(seconds)
    with open_ring(name, wait_s=seconds) as ring:
        if isinstance(ring, ByteRing):
            ring.seek("end")
        reopened = 0
        while time.monotonic() < deadline:
            for item in ring.follow(timeout_s=min(1.0, max(deadline - time.monotonic(), 0.01))):
                if ring.reopened != reopened:
                    reopened = ring.reopened
                    print("ring %s has a new writer" % name, file=sys.stderr, flush=True)
                print(_line_of(item), flush=True)
                if time.monotonic() >= deadline:
                    break
    return 0


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
