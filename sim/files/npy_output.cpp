#include "sim/files/npy_output.h"

#include <cstring>
#include <memory>

#include <zip.h>

#include "models/common/error.h"
#include "sim/files/output_file.h"

namespace lacuna {
namespace {

template <class Integer>
void append_little_endian(std::string& bytes, Integer value, std::size_t width) {
  for (std::size_t byte = 0; byte < width; ++byte) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * byte)));
  }
}

std::string header(const std::string& type, const std::vector<std::size_t>& shape) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t size : shape) {
    text += std::to_string(size) + ", ";
  }
  text += "), }";
  constexpr std::size_t alignment = 64;
  constexpr std::size_t before = 10;  // magic, version and length
  while ((before + text.size() + 1) % alignment != 0) {
    text += ' ';
  }
  text += '\n';
  std::string bytes("\x93NUMPY\x01", 7);
  bytes.push_back('\0');
  append_little_endian(bytes, text.size(), 2);
  return bytes + text;
}

/// The code points of UTF-8 text.
std::vector<std::uint32_t> code_points(const std::string& text) {
  constexpr std::uint32_t replacement = 0xfffd;
  std::vector<std::uint32_t> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t more = first < 0x80        ? 0
                             : first >> 5U == 6  ? 1
                             : first >> 4U == 14 ? 2
                             : first >> 3U == 30 ? 3
                                                 : 4;
    std::uint32_t point = more == 0 ? first : first & (0x3fU >> more);
    bool valid = more < 4 && i + more < text.size();
    for (std::size_t k = 1; valid && k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      valid = next >> 6U == 2;
      point = (point << 6U) | (next & 0x3fU);
    }
    points.push_back(valid ? point : replacement);
    i += valid ? more + 1 : 1;
  }
  return points;
}

struct DiscardZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

}  // namespace

std::string npy_of(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  std::string bytes = header("<f8", shape);
  bytes.reserve(bytes.size() + values.size() * sizeof(double));
  for (const double value : values) {
    std::uint64_t pattern = 0;
    std::memcpy(&pattern, &value, sizeof pattern);
    append_little_endian(bytes, pattern, sizeof pattern);
  }
  return bytes;
}

std::string npy_of(const std::vector<std::int64_t>& values, const std::vector<std::size_t>& shape) {
  std::string bytes = header("<i8", shape);
  bytes.reserve(bytes.size() + values.size() * sizeof(std::int64_t));
  for (const std::int64_t value : values) {
    append_little_endian(bytes, value, sizeof value);
  }
  return bytes;
}

std::string npy_of(const std::string& text) {
  const std::vector<std::uint32_t> points = code_points(text);
  std::string bytes = header("<U" + std::to_string(points.size()), {});
  for (const std::uint32_t point : points) {
    append_little_endian(bytes, point, sizeof point);
  }
  return bytes;
}

void write_npz(const std::string& path, const std::vector<std::pair<std::string, std::string>>& arrays) {
  PendingFile file(path);
  const auto fail = [&](const std::string& why) {
    throw InputDataError({path, 0, ""}, "cannot be written: " + why);
  };
  int code = 0;
  std::unique_ptr<zip_t, DiscardZip> archive(
      zip_open(file.temporary_path().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (archive == nullptr) {
    fail("error " + std::to_string(code));
  }
  for (const auto& [name, bytes] : arrays) {
    zip_source_t* const source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
    const zip_int64_t index =
        source == nullptr ? -1
                          : zip_file_add(archive.get(), (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail(zip_strerror(archive.get()));
    }
    const auto place = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t first_day = 0x21;  // 1980-01-01, wherever and whenever the file is written
    if (zip_set_file_compression(archive.get(), place, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive.get(), place, 0, first_day, 0) != 0) {
      fail(zip_strerror(archive.get()));
    }
  }
  if (zip_close(archive.get()) != 0) {
    fail(zip_strerror(archive.get()));
  }
  static_cast<void>(archive.release());
  file.commit();
}

}  // namespace lacuna
