/**
 * A peer: frames through a pipe or a Unix stream socket from one process to others, as plain as it is fast: one write
 * and one read after the other, buffers as large as the kernel gives, nothing allocated on the way. One frame at a
 * time; from before its first byte is written until the last reader has its last byte.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "measuring.hpp"

namespace lanthorn::bench {
namespace {

constexpr int kBufferBytes = 1 << 20;  // what /proc/sys/fs/pipe-max-size allows everyone

struct Ends {
  int read_fd;
  int write_fd;
};

Ends make_channel(const std::string &kind) {
  int fds[2];
  bool is_pipe = kind == "pipe";
  if ((is_pipe ? pipe2(fds, O_CLOEXEC) : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) != 0) {
    die("cannot make a " + kind);
  }
  if (is_pipe) {
    fcntl(fds[1], F_SETPIPE_SZ, kBufferBytes);  // as far as it is allowed
  } else {
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);  // the kernel cuts it to its limit
  }
  return {fds[0], fds[1]};
}

bool read_all(int fd, void *into, size_t bytes) {
  auto *at = static_cast<uint8_t *>(into);
  while (bytes > 0) {
    ssize_t got = read(fd, at, bytes);
    if (got <= 0) {
      return false;
    }
    at += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

void write_all(int fd, const uint8_t *at, size_t bytes) {
  while (bytes > 0) {
    ssize_t put = write(fd, at, bytes);
    if (put <= 0) {
      die("a reader went away");
    }
    at += put;
    bytes -= static_cast<size_t>(put);
  }
}

/** Reads frames until the end, and answers each by the moment at which it had it. */
[[noreturn]] void be_reader(int frames_fd, int answers_fd, size_t frame_bytes) {
  std::vector<uint8_t> frame(frame_bytes);
  while (read_all(frames_fd, frame.data(), frame.size())) {
    int64_t had_ns = now_ns();
    if (write(answers_fd, &had_ns, sizeof had_ns) != sizeof had_ns) {
      break;
    }
  }
  _exit(0);
}

struct Reader {
  int frames_fd;
  int answers_fd;
};

Reader start_reader(const std::string &kind, size_t frame_bytes, const std::vector<Reader> &others) {
  Ends frames = make_channel(kind);
  Ends answers = make_channel("pipe");
  pid_t child = fork();
  if (child < 0) {
    die("cannot fork");
  }
  if (child == 0) {
    for (const Reader &other : others) {
      close(other.frames_fd);
    }
    close(frames.write_fd);
    be_reader(frames.read_fd, answers.write_fd, frame_bytes);
  }
  close(frames.read_fd);
  close(answers.write_fd);
  return {frames.write_fd, answers.read_fd};
}

/** Sends one frame to all and returns when the last of them had it, nanoseconds after the first write. */
int64_t pass_frame(const std::vector<Reader> &readers, const std::vector<uint8_t> &frame) {
  int64_t begin_ns = now_ns();
  for (const Reader &reader : readers) {
    write_all(reader.frames_fd, frame.data(), frame.size());
  }
  int64_t last_ns = 0;
  for (const Reader &reader : readers) {
    int64_t had_ns = 0;
    if (!read_all(reader.answers_fd, &had_ns, sizeof had_ns)) {
      die("a reader went away");
    }
    last_ns = std::max(last_ns, had_ns);
  }
  return last_ns - begin_ns;
}

}  // namespace

int pass_by_stream(const Arguments &arguments) {
  const std::vector<uint8_t> frame(static_cast<size_t>(arguments.number("bytes")), 0x55);
  std::vector<Reader> readers;
  for (int left = static_cast<int>(arguments.number("readers")); left > 0; left--) {
    readers.push_back(start_reader(arguments.text("kind"), frame.size(), readers));
  }
  Pace pace(arguments.number("fps"));
  for (int left = static_cast<int>(arguments.number("warm")); left > 0; left--) {
    pace.wait();
    pass_frame(readers, frame);
  }
  std::vector<int64_t> elapsed_ns;
  const int64_t end_ns = now_ns() + static_cast<int64_t>(arguments.number("seconds") * 1e9);
  do {
    pace.wait();
    elapsed_ns.push_back(pass_frame(readers, frame));
  } while (now_ns() < end_ns);
  for (const Reader &reader : readers) {
    close(reader.frames_fd);
  }
  while (wait(nullptr) > 0) {
  }
  JsonLine line;
  line.numbers("elapsedNs", elapsed_ns);
  line.end();
  return 0;
}

}  // namespace lanthorn::bench
