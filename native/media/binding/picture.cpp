#include <algorithm>
#include <cstring>

#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

void read_name(const Napi::Value &value, char (&out)[LTN_NAME_BYTES]) {
  const std::string text = to_string(value);
  std::memcpy(out, text.data(), std::min<size_t>(text.size(), LTN_NAME_BYTES - 1));
}

/** The part of FrameMeta (@lanthorn/rings) that says where the samples lie and what they mean. */
ltn_frame_t to_frame(const Napi::Value &value) {
  auto object = value.As<Napi::Object>();
  ltn_frame_t frame{};
  frame.width_px = to_u32(object.Get("widthPx"));
  frame.height_px = to_u32(object.Get("heightPx"));
  read_name(object.Get("pixelFormat"), frame.pixel_format);
  read_name(object.Get("colorSpace"), frame.color_space);
  read_name(object.Get("colorRange"), frame.color_range);
  auto planes = object.Get("planes").As<Napi::Array>();
  frame.planes = std::min<uint32_t>(planes.Length(), LTN_MAX_PLANES);
  for (uint32_t i = 0; i < frame.planes; i++) {
    auto plane = planes.Get(i).As<Napi::Object>();
    frame.plane_offset_bytes[i] = to_u32(plane.Get("offsetBytes"));
    frame.plane_stride_bytes[i] = to_u32(plane.Get("strideBytes"));
  }
  return frame;
}

/** [x, y, width, height] in pixels, or undefined. */
ltn_region_t to_region(const Napi::Value &value) {
  if (!value.IsArray()) {
    return {};
  }
  auto array = value.As<Napi::Array>();
  return {to_u32(array.Get(0u)), to_u32(array.Get(1u)), to_u32(array.Get(2u)), to_u32(array.Get(3u))};
}

Napi::Value to_rgb(const Napi::CallbackInfo &info) {
  const ltn_frame_t frame = to_frame(info[1]);
  const ByteView bytes(info[0]);
  auto out = info[5].As<Napi::Uint8Array>();
  const ltn_status_e status = ltn_frame_to_rgb(&frame, bytes.data, bytes.count, to_region(info[2]), to_u32(info[3]),
                                               to_u32(info[4]), out.Data(), out.ByteLength());
  return status == LTN_OK ? info.Env().Undefined() : throw_status(info.Env(), status);
}

Napi::Value encode_jpeg(const Napi::CallbackInfo &info) {
  const ltn_frame_t frame = to_frame(info[1]);
  const ByteView bytes(info[0]);
  uint8_t *jpeg = nullptr;
  size_t count = 0;
  const ltn_status_e status = ltn_encode_jpeg(&frame, bytes.data, bytes.count, to_region(info[2]), to_u32(info[3]),
                                              to_u32(info[4]), &jpeg, &count);
  if (status != LTN_OK) {
    return throw_status(info.Env(), status);
  }
  auto buffer = Napi::Buffer<uint8_t>::Copy(info.Env(), jpeg, count);
  ltn_jpeg_free(jpeg);
  return buffer;
}

}  // namespace

void register_picture(Napi::Env env, Napi::Object exports) {
  exports.Set("frameToRgb", Napi::Function::New<to_rgb>(env));
  exports.Set("encodeJpeg", Napi::Function::New<encode_jpeg>(env));
}

}  // namespace lanthorn::binding
