#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

using Handle = Owned<ltn_sensor_decoder_h, ltn_sensor_decoder_close>;

Napi::Value open(const Napi::CallbackInfo &info) {
  ltn_sensor_decoder_h *handle = nullptr;
  const ltn_status_e status = ltn_sensor_decoder_open(to_string(info[0]).c_str(), to_string(info[1]).c_str(),
                                                      to_string(info[2]).c_str(), to_string(info[3]).c_str(), &handle);
  return status == LTN_OK ? Handle::wrap(info.Env(), handle) : throw_status(info.Env(), status);
}

Napi::Value statistics(const Napi::CallbackInfo &info) {
  ltn_sensor_statistics_t s;
  ltn_sensor_decoder_statistics(Handle::unwrap(info[0]).get(), &s);
  Napi::Object out = Napi::Object::New(info.Env());
  set_text(out, "state", s.state);
  set_count(out, "soundPackets", s.sound_packets);
  set_count(out, "soundRecords", s.sound_records);
  set_count(out, "soundSamples", s.sound_samples);
  set_count(out, "soundGaps", s.sound_gaps);
  set_count(out, "soundErrors", s.sound_errors);
  set_count(out, "soundSampleRateHz", s.sound_sample_rate_hz);
  set_count(out, "soundChannels", s.sound_channels);
  set_count(out, "imuUnits", s.imu_units);
  set_count(out, "imuSamples", s.imu_samples);
  set_count(out, "imuUnitsRejected", s.imu_units_rejected);
  set_count(out, "imuSamplesDropped", s.imu_samples_dropped);
  set_count(out, "imuSampleRateHz", s.imu_sample_rate_hz);
  set_count(out, "recordsLost", s.records_lost);
  set_count(out, "errors", s.errors);
  set_text(out, "lastError", s.last_error);
  set_count(out, "attachments", s.attachments);
  set_count(out, "turns", s.turns);
  return out;
}

Napi::Value close(const Napi::CallbackInfo &info) {
  Handle::unwrap(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace

void register_sensor_decoder(Napi::Env env, Napi::Object exports) {
  exports.Set("sensorDecoderOpen", Napi::Function::New<open>(env));
  exports.Set("sensorDecoderStatistics", Napi::Function::New<statistics>(env));
  exports.Set("sensorDecoderClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
