// Pictures out: RGB for models, JPEG for people.
#include <cstdio>
extern "C" {
#include <jpeglib.h>
}
#include <libyuv.h>

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "media_error.h"
#include "picture/picture.h"

namespace lanthorn::media {
namespace {

// libyuv writes B, G, R; with the mirrored matrix and U and V exchanged it writes R, G, B.
const libyuv::YuvConstants *mirroredMatrix(const Picture &p) {
  if (p.bt2020) return p.fullRange ? &libyuv::kYvuV2020Constants : &libyuv::kYvu2020Constants;
  if (p.bt709) return p.fullRange ? &libyuv::kYvuF709Constants : &libyuv::kYvuH709Constants;
  return p.fullRange ? &libyuv::kYvuJPEGConstants : &libyuv::kYvuI601Constants;
}

const libyuv::YuvConstants *matrix(const Picture &p) {
  if (p.bt2020) return p.fullRange ? &libyuv::kYuvV2020Constants : &libyuv::kYuv2020Constants;
  if (p.bt709) return p.fullRange ? &libyuv::kYuvF709Constants : &libyuv::kYuvH709Constants;
  return p.fullRange ? &libyuv::kYuvJPEGConstants : &libyuv::kYuvI601Constants;
}

// Planes as JFIF means them (full range, BT.601), padded to whole 16 × 16 blocks by repeating the edge.
struct JfifPlanes {
  int widthPx, heightPx, stride, chromaStride, rows, chromaRows;
  std::vector<uint8_t> y, u, v;

  explicit JfifPlanes(const Picture &p)
      : widthPx(p.widthPx),
        heightPx(p.heightPx),
        stride((p.widthPx + 15) / 16 * 16),
        chromaStride(stride / 2),
        rows((p.heightPx + 15) / 16 * 16),
        chromaRows(rows / 2),
        y(static_cast<size_t>(stride) * static_cast<size_t>(rows)),
        u(static_cast<size_t>(chromaStride) * static_cast<size_t>(chromaRows)),
        v(u.size()) {
    if (p.fullRange && !p.bt709 && !p.bt2020) {
      libyuv::I420Copy(p.plane[0], p.strideBytes[0], p.plane[1], p.strideBytes[1], p.plane[2], p.strideBytes[2],
                       y.data(), stride, u.data(), chromaStride, v.data(), chromaStride, widthPx, heightPx);
    } else {
      std::vector<uint8_t> argb(static_cast<size_t>(widthPx) * 4 * static_cast<size_t>(heightPx));
      libyuv::I420ToARGBMatrix(p.plane[0], p.strideBytes[0], p.plane[1], p.strideBytes[1], p.plane[2], p.strideBytes[2],
                               argb.data(), widthPx * 4, matrix(p), widthPx, heightPx);
      libyuv::ARGBToJ420(argb.data(), widthPx * 4, y.data(), stride, u.data(), chromaStride, v.data(), chromaStride,
                         widthPx, heightPx);
    }
    pad(y.data(), stride, widthPx, heightPx, rows);
    pad(u.data(), chromaStride, (widthPx + 1) / 2, (heightPx + 1) / 2, chromaRows);
    pad(v.data(), chromaStride, (widthPx + 1) / 2, (heightPx + 1) / 2, chromaRows);
  }

  static void pad(uint8_t *plane, int stride, int width, int height, int rows) {
    for (int row = 0; row < height; ++row) {
      uint8_t *line = plane + static_cast<ptrdiff_t>(row) * stride;
      std::memset(line + width, line[width - 1], static_cast<size_t>(stride - width));
    }
    for (int row = height; row < rows; ++row) {
      std::memcpy(plane + static_cast<ptrdiff_t>(row) * stride, plane + static_cast<ptrdiff_t>(height - 1) * stride,
                  static_cast<size_t>(stride));
    }
  }
};

struct JpegFailure {
  jpeg_error_mgr manager;  // first: libjpeg hands this back
  jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

void failJpeg(j_common_ptr context) {
  auto *failure = reinterpret_cast<JpegFailure *>(context->err);
  context->err->format_message(context, failure->text);
  longjmp(failure->jump, 1);  // libjpeg is C: no exception may pass through it
}

// No C++ object with a destructor may live between setjmp and longjmp: plain pointers only.
bool compress(JfifPlanes &planes, int qualityPct, JpegFailure &failure, unsigned char **out, unsigned long *outBytes) {
  jpeg_compress_struct jpeg{};
  jpeg.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = failJpeg;
  if (setjmp(failure.jump)) {
    jpeg_destroy_compress(&jpeg);
    return false;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, out, outBytes);
  jpeg.image_width = static_cast<JDIMENSION>(planes.widthPx);
  jpeg.image_height = static_cast<JDIMENSION>(planes.heightPx);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_YCbCr;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, qualityPct, TRUE);
  jpeg.raw_data_in = TRUE;  // 4:2:0 as it is: defaults sample chroma 2 × 2
  jpeg.dct_method = JDCT_FASTEST;
  jpeg_start_compress(&jpeg, TRUE);
  JSAMPROW rows[3][16];
  JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
  for (int top = 0; top < planes.rows; top += 16) {
    for (int i = 0; i < 16; ++i) rows[0][i] = planes.y.data() + static_cast<ptrdiff_t>(top + i) * planes.stride;
    for (int i = 0; i < 8; ++i) {
      rows[1][i] = planes.u.data() + static_cast<ptrdiff_t>(top / 2 + i) * planes.chromaStride;
      rows[2][i] = planes.v.data() + static_cast<ptrdiff_t>(top / 2 + i) * planes.chromaStride;
    }
    jpeg_write_raw_data(&jpeg, arrays, 16);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  return true;
}

}  // namespace

void pictureToRgb(const Picture &p, uint8_t *rgb, int strideBytes) {
  libyuv::I420ToRGB24Matrix(p.plane[0], p.strideBytes[0], p.plane[2], p.strideBytes[2], p.plane[1], p.strideBytes[1],
                            rgb, strideBytes, mirroredMatrix(p), p.widthPx, p.heightPx);
}

std::vector<uint8_t> pictureToJpeg(const Picture &picture, int qualityPct) {
  JfifPlanes planes(picture);
  JpegFailure failure{};
  unsigned char *bytes = nullptr;
  unsigned long count = 0;
  const bool ok = compress(planes, qualityPct, failure, &bytes, &count);
  std::vector<uint8_t> jpeg;
  if (ok) jpeg.assign(bytes, bytes + count);
  std::free(bytes);
  if (!ok) throw MediaError(LTN_E_SYSTEM, std::string("JPEG encoder: ") + failure.text);
  return jpeg;
}

}  // namespace lanthorn::media
