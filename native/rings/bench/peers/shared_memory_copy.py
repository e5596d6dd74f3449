"""A peer: one frame in multiprocessing.shared_memory under a lock: the writer copies it in, each reader copies it out.

Copies are slice assignments between buffers that exist already (one memcpy each, as numpy.copyto would). Each reader is
told of a frame by a semaphore of its own.
"""
import multiprocessing
import os
from multiprocessing import shared_memory

from pacing import answer, arguments, measure


def read(block, size, lock, news, answer_fd):
    frame = bytearray(size)
    while True:
        news.acquire()
        with lock:
            if block.buf[size]:
                return
            frame[:] = block.buf[:size]
        answer(answer_fd)


def main():
    wanted = arguments()
    size = int(wanted["bytes"])
    frame = bytearray(b"\x55" * size)
    context = multiprocessing.get_context("fork")  # how readers start is not measured
    block = shared_memory.SharedMemory(create=True, size=size + 1)  # the last byte: the end has come
    lock = context.Lock()
    news, answer_fds, readers = [], [], []
    try:
        for _ in range(int(wanted["readers"])):
            told = context.Semaphore(0)
            read_fd, write_fd = os.pipe()
            reader = context.Process(target=read, args=(block, size, lock, told, write_fd))
            reader.start()
            os.close(write_fd)
            news.append(told)
            answer_fds.append(read_fd)
            readers.append(reader)

        def send_frame():
            with lock:
                block.buf[:size] = frame
            for told in news:
                told.release()

        measure(wanted, send_frame, answer_fds)
        block.buf[size] = 1
        for told, reader in zip(news, readers):
            told.release()
            reader.join()
    finally:
        block.close()
        block.unlink()


if __name__ == "__main__":
    main()
