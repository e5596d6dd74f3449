#include "access_table.hpp"

#include <srt/access_control.h>

#include <utility>

#include "stream_id.hpp"

namespace lanthorn::srt {
namespace {

constexpr size_t kMaxHosts = 64;  // a camera, and whoever tries to be it

}  // namespace

std::string must_call(std::string_view row_id, uint16_t port) {
  return "camera " + std::string(camera_of(row_id)) + " must call port " + std::to_string(port);
}

void AccessTable::replace(std::vector<AccessEntry> entries) {
  std::unordered_map<std::string, Row> rows;
  std::unordered_map<std::string, std::string> camera_of_stream_id;
  for (AccessEntry &entry : entries) {
    for (const std::string &stream_id : entry.stream_ids) {
      camera_of_stream_id.emplace(stream_id, entry.camera_id);
    }
    std::string camera_id = entry.camera_id;
    rows.emplace(std::move(camera_id), Row{.entry = std::move(entry)});
  }
  const std::lock_guard lock(mutex_);
  for (auto &[camera_id, row] : rows) {
    // What was learned about the keys of a camera stays true as long as they are the same keys.
    const auto old = rows_.find(camera_id);
    if (old != rows_.end() && old->second.entry.passphrase == row.entry.passphrase &&
        old->second.entry.next_passphrase == row.entry.next_passphrase) {
      row.offer_next_to = old->second.offer_next_to;
      row.next_proved = old->second.next_proved;
    }
  }
  rows_ = std::move(rows);
  camera_of_stream_id_ = std::move(camera_of_stream_id);
}

Admission AccessTable::admit(std::string_view stream_id, const std::string &peer_host) const {
  const std::lock_guard lock(mutex_);
  const StreamRequest request = request_of(stream_id);
  return request.reject_code == 0 ? admit_known(request.camera_id, peer_host)
                                  : Admission{.reject_code = request.reject_code, .reason = request.reason};
}

StreamRequest AccessTable::request_of(std::string_view stream_id) const {
  const auto exact = camera_of_stream_id_.find(std::string(stream_id));
  return exact == camera_of_stream_id_.end()
             ? parse_stream_id(stream_id)
             : StreamRequest{.reject_code = 0, .reason = "", .camera_id = exact->second};
}

Elsewhere AccessTable::find_elsewhere(std::string_view stream_id) const {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(request_of(stream_id).camera_id);
  return row == rows_.end() || row->second.entry.call_port == 0
             ? Elsewhere{}
             : Elsewhere{.camera_id = row->first, .call_port = row->second.entry.call_port};
}

Admission AccessTable::admit_camera(const std::string &camera_id, const std::string &peer_host) const {
  const std::lock_guard lock(mutex_);
  return admit_known(camera_id, peer_host);
}

Admission AccessTable::admit_known(const std::string &camera_id, const std::string &peer_host) const {
  const auto found = rows_.find(camera_id);
  if (found == rows_.end()) {
    return {.reject_code = SRT_REJX_NOTFOUND, .reason = "no camera of this stream id is registered"};
  }
  const Row &row = found->second;
  if (row.entry.call_port != 0) {
    // To the caller the same as an unknown id: whoever asks learns nothing of which cameras there are.
    return {.reject_code = SRT_REJX_NOTFOUND,
            .reason = must_call(camera_id, row.entry.call_port),
            .camera_id = camera_id,
            .call_port = row.entry.call_port};
  }
  if (!row.entry.enabled) {
    return {.reject_code = SRT_REJX_FORBIDDEN, .reason = "this camera is switched off", .camera_id = camera_id};
  }
  const bool next = !row.entry.next_passphrase.empty() && (row.next_proved || row.offer_next_to.contains(peer_host));
  return {
      .camera_id = camera_id, .passphrase = next ? row.entry.next_passphrase : row.entry.passphrase, .next_key = next};
}

void AccessTable::note_wrong_key(const std::string &camera_id, const std::string &peer_host, bool next_key) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(camera_id);
  if (row == rows_.end() || row->second.entry.next_passphrase.empty()) {
    return;
  }
  std::unordered_set<std::string> &offer_next_to = row->second.offer_next_to;
  if (next_key) {
    offer_next_to.erase(peer_host);
    return;
  }
  if (offer_next_to.size() >= kMaxHosts) {
    offer_next_to.clear();
  }
  offer_next_to.insert(peer_host);
}

void AccessTable::note_connected(const std::string &camera_id, bool next_key) {
  const std::lock_guard lock(mutex_);
  if (const auto row = rows_.find(camera_id); row != rows_.end()) {
    row->second.next_proved = row->second.next_proved || next_key;
  }
}

bool AccessTable::allows(const std::string &camera_id, const std::string &passphrase) const {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(camera_id);
  return row != rows_.end() && row->second.entry.enabled && row->second.entry.call_port == 0 &&
         (row->second.entry.passphrase == passphrase || row->second.entry.next_passphrase == passphrase);
}

bool AccessTable::holds_secret(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  for (const auto &[camera_id, row] : rows_) {
    for (const std::string *secret : {&row.entry.passphrase, &row.entry.next_passphrase}) {
      if (!secret->empty() && text.find(*secret) != std::string_view::npos) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace lanthorn::srt
