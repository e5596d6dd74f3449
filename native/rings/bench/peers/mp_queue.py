"""A peer: frames through multiprocessing.Queue. A frame is one bytes object, the form that pickle handles fastest.

An item of a queue goes to one reader, so each reader has a queue of its own.
"""
import multiprocessing
import os

from pacing import answer, arguments, measure


def read(queue, answer_fd):
    while queue.get() is not None:
        answer(answer_fd)


def main():
    wanted = arguments()
    frame = b"\x55" * int(wanted["bytes"])
    context = multiprocessing.get_context("fork")  # how readers start is not measured
    queues, answer_fds, readers = [], [], []
    for _ in range(int(wanted["readers"])):
        queue = context.Queue()
        read_fd, write_fd = os.pipe()
        reader = context.Process(target=read, args=(queue, write_fd))
        reader.start()
        os.close(write_fd)
        queues.append(queue)
        answer_fds.append(read_fd)
        readers.append(reader)

    def send_frame():
        for queue in queues:
            queue.put(frame)

    measure(wanted, send_frame, answer_fds)
    for queue, reader in zip(queues, readers):
        queue.put(None)
        reader.join()


if __name__ == "__main__":
    main()
