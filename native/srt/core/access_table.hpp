#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stream_id.hpp"

namespace lanthorn::srt {

/** One camera that may call. */
struct AccessEntry {
  std::string camera_id{};
  std::vector<std::string> stream_ids{};
  std::string passphrase{};
  std::string next_passphrase{};  // empty: none
  bool enabled = true;
  uint16_t call_port = 0;  // not 0: it is let in at that port only, and told so here
};

/** A camera that is to call another port. */
struct Elsewhere {
  std::string camera_id{};  // empty: none
  uint16_t call_port = 0;
};

/** "camera porch must call port 9720": for its owner, never for the caller. */
std::string must_call(std::string_view row_id, uint16_t port);

/** What the table says to a caller. */
struct Admission {
  int reject_code = 0;  // 0: may go on with `passphrase`
  std::string reason{};
  std::string camera_id{};
  std::string passphrase{};
  bool next_key = false;
  uint16_t call_port = 0;  // refused because it must call that port
};

/**
 * Who may call, and with which key. Asked by libsrt's receiving thread inside the handshake, replaced by TypeScript's
 * thread: one mutex, held for a look-up only, never across a call of libsrt.
 *
 * Two keys: the callback must name the passphrase before libsrt can check it, so of two valid keys one is offered per
 * attempt: the current one first, the other one after a wrong-key failure from the same address, turn and turn about.
 * An encoder that calls again (all do) is in at its second attempt, and a stranger elsewhere cannot spoil its turn.
 * Once a camera came in with its next key, the old one is refused.
 */
class AccessTable {
 public:
  void replace(std::vector<AccessEntry> entries);

  /** What a caller at this address may do. */
  Admission admit(std::string_view stream_id, const std::string &peer_host) const;
  /** The same where the port says which camera calls. */
  Admission admit_camera(const std::string &camera_id, const std::string &peer_host) const;
  /** The camera that a stream id names, if it is to call another port. */
  Elsewhere find_elsewhere(std::string_view stream_id) const;
  /** The caller's key did not fit the offered one. */
  void note_wrong_key(const std::string &camera_id, const std::string &peer_host, bool next_key);
  /** The caller proved the offered key. */
  void note_connected(const std::string &camera_id, bool next_key);
  /** Whether a connection that was made with this key may stay. */
  bool allows(const std::string &camera_id, const std::string &passphrase) const;
  /** Whether a text holds anyone's passphrase (typed into the wrong field): then it must not be shown. */
  bool holds_secret(std::string_view text) const;

 private:
  /** Under mutex_. */
  StreamRequest request_of(std::string_view stream_id) const;
  /** Under mutex_. */
  Admission admit_known(const std::string &camera_id, const std::string &peer_host) const;

  struct Row {
    AccessEntry entry;
    std::unordered_set<std::string>
        offer_next_to{};  // addresses; emptied when full: then they start with the current key
    bool next_proved = false;
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Row> rows_;
  std::unordered_map<std::string, std::string> camera_of_stream_id_;
};

}  // namespace lanthorn::srt
