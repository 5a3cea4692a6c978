#include "sim/network/onnx/onnx_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>

#include "models/common/error.h"
#include "models/common/exact_float.h"
#include "models/common/large_pages.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

/// IEEE half precision.
double half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31U);
  const auto fraction = static_cast<double>(bits & 1023U);
  const double magnitude = exponent == 31  ? (fraction == 0.0 ? INFINITY : NAN)
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024.0 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

/// The upper half of a float32.
double brain_float(std::uint64_t bits) {
  const auto whole = static_cast<std::uint32_t>(bits << 16);
  float value = 0.0F;
  std::memcpy(&value, &whole, sizeof value);
  return static_cast<double>(value);
}

class TensorReader {
 public:
  TensorReader(const onnx::TensorProto& tensor, const std::string& path, OnnxTensorNotes& notes)
      : tensor_(tensor), path_(path), notes_(notes) {}

  OnnxTensor read() {
    for (const std::int64_t dimension : tensor_.dims()) {
      if (dimension < 0) {
        fail("a dimension of " + std::to_string(dimension), "0 or more");
      }
      result_.shape.push_back(static_cast<std::uint64_t>(dimension));
    }
    count_ = onnx_elements(result_.shape, path_, tensor_.name());
    if (tensor_.has_segment()) {
      fail("is a segment of a tensor", "whole tensors");
    }
    if (tensor_.data_location() == onnx::TensorProto::EXTERNAL) {
      read_external();
    }
    read_elements();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, "tensor " + onnx_name(tensor_.name(), 64)}, wrong, allowed);
  }

  std::uint64_t external_number(const std::string& text) const {
    const bool digits = !text.empty() && text.size() <= 18 &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) {
      fail("has the place \"" + onnx_name(text, 64) + "\" in another file",
           "an offset and a length in bytes");
    }
    return std::stoull(text);
  }

  /// Bytes per element of types whose data may lie in another file; 0 for others.
  std::uint64_t item_bytes() const {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::DOUBLE:
      case onnx::TensorProto::INT64:
      case onnx::TensorProto::UINT64:
        return 8;
      case onnx::TensorProto::FLOAT:
      case onnx::TensorProto::INT32:
      case onnx::TensorProto::UINT32:
        return 4;
      case onnx::TensorProto::FLOAT16:
      case onnx::TensorProto::BFLOAT16:
      case onnx::TensorProto::INT16:
      case onnx::TensorProto::UINT16:
        return 2;
      case onnx::TensorProto::INT8:
      case onnx::TensorProto::UINT8:
      case onnx::TensorProto::BOOL:
        return 1;
      default:
        return 0;
    }
  }

  /// The file must lie in the model's folder, also after symbolic links: a model from elsewhere must not read
  /// what it likes.
  std::filesystem::path external_file(const std::string& location) const {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path folder = fs::canonical(fs::absolute(path_).parent_path(), error);
    fs::path file = fs::canonical(folder / location, error);
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    if (location.empty() || fs::path(location).is_absolute()) {
      fail("lies in the file \"" + onnx_name(location, 128) + "\"", "a file in the model's folder");
    }
    if (error || !fs::is_regular_file(file, error)) {
      fail("lies in the file " + onnx_name(location, 128) + ", which is not there",
           "the model's data files beside it");
    }
    if (end != folder.end()) {
      fail("lies in the file " + onnx_name(location, 128) + ", outside of the model's folder",
           "data files in the model's folder only");
    }
    return file;
  }

  void read_external() {
    std::string location;
    std::uint64_t offset = 0;
    std::uint64_t length = count_ * item_bytes();
    for (const onnx::StringStringEntryProto& entry : tensor_.external_data()) {
      if (entry.key() == "location") {
        location = entry.value();
      } else if (entry.key() == "offset") {
        offset = external_number(entry.value());
      } else if (entry.key() == "length" && external_number(entry.value()) != length) {
        fail("has " + onnx_name(entry.value(), 32) + " bytes in another file",
             std::to_string(length) + " as its shape and type say");
      }
    }
    const std::filesystem::path file = external_file(location);
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(file, error);
    if (error || size < length || offset > size - length) {
      fail("lies outside of the file " + onnx_name(location, 128), "bytes that the file has");
    }
    std::ifstream stream(file, std::ios::binary);
    external_.resize(length);
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(external_.data(), static_cast<std::streamsize>(length));
    if (!stream) {
      fail("cannot be read from the file " + onnx_name(location, 128), "a readable file");
    }
    notes_.files.push_back(file.string());
  }

  const std::string& raw() const {
    return tensor_.data_location() == onnx::TensorProto::EXTERNAL ? external_ : tensor_.raw_data();
  }

  void read_elements() {
    const google::protobuf::RepeatedField<double> none;
    const auto signed_of = [](std::size_t size) {
      return [size](const unsigned char* item) {
        const unsigned shift = 64U - 8U * static_cast<unsigned>(size);
        return static_cast<std::int64_t>(little_endian(item, size) << shift) >> shift;
      };
    };
    const auto unsigned_of = [](std::size_t size) {
      return
          [size](const unsigned char* item) { return static_cast<std::int64_t>(little_endian(item, size)); };
    };
    switch (tensor_.data_type()) {
      case onnx::TensorProto::FLOAT:
        if (!raw().empty()) {
          return raw_floats();
        }
        return reals(4, tensor_.float_data(), [](const unsigned char* item) {
          return static_cast<double>(little_endian_float(item));
        });
      case onnx::TensorProto::DOUBLE:
        return reals(8, tensor_.double_data(),
                     [](const unsigned char* item) { return little_endian_double(item); });
      case onnx::TensorProto::FLOAT16:
        return bits(half);
      case onnx::TensorProto::BFLOAT16:
        return bits(brain_float);
      case onnx::TensorProto::INT64:
        return integers(8, tensor_.int64_data(), signed_of(8));
      case onnx::TensorProto::INT32:
        return integers(4, tensor_.int32_data(), signed_of(4));
      case onnx::TensorProto::INT16:
        return integers(2, tensor_.int32_data(), signed_of(2));
      case onnx::TensorProto::INT8:
        return integers(1, tensor_.int32_data(), signed_of(1));
      case onnx::TensorProto::UINT64:
        return integers(8, tensor_.uint64_data(), unsigned_of(8));
      case onnx::TensorProto::UINT32:
        return integers(4, tensor_.uint64_data(), unsigned_of(4));
      case onnx::TensorProto::UINT16:
        return integers(2, tensor_.int32_data(), unsigned_of(2));
      case onnx::TensorProto::UINT8:
      case onnx::TensorProto::BOOL:
        return integers(1, tensor_.int32_data(), unsigned_of(1));
      default:
        fail("has the type " + type_name(), "floating-point numbers, integers or bool");
    }
  }

  std::string type_name() const {
    const std::string& name = onnx::TensorProto_DataType_Name(tensor_.data_type());
    return name.empty() ? std::to_string(tensor_.data_type()) : name;
  }

  /// As many as the shape says must be there, raw or listed.
  void check_elements(std::size_t item_size, std::uint64_t listed) const {
    const std::uint64_t there = raw().empty() ? listed : raw().size() / item_size;
    if (there != count_ || raw().size() % item_size != 0) {
      fail("holds " + std::to_string(there) + " elements", "the " + std::to_string(count_) + " of its shape");
    }
  }

  /// Calls take(number) for each element, raw or listed.
  template <class List, class Decode, class Take>
  void elements(std::size_t item_size, const List& list, Decode decode, Take take) const {
    check_elements(item_size, static_cast<std::uint64_t>(list.size()));
    const std::string& bytes = raw();
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (bytes.empty()) {
        take(list[static_cast<int>(i)]);
      } else {
        take(decode(reinterpret_cast<const unsigned char*>(bytes.data()) + i * item_size));
      }
    }
  }

  void take_real(double value) {
    const auto narrow = static_cast<float>(value);
    if (std::isfinite(value) && !std::isfinite(narrow)) {
      fail("element " + std::to_string(result_.reals.size()) + " is too large for float32",
           "numbers up to 3.4e38");
    }
    notes_.narrowed = notes_.narrowed || static_cast<double>(narrow) != value;
    notes_.vanished += vanishes_in_float32(value) ? 1 : 0;
    result_.reals.push_back(narrow);
  }

  /// The most of most models, which nothing narrows.
  void raw_floats() {
    result_.is_real = true;
    check_elements(sizeof(float), 0);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(raw().data());
    reserve_large(result_.reals, count_);
    for (std::uint64_t i = 0; i < count_; ++i) {
      result_.reals.push_back(little_endian_float(bytes + i * sizeof(float)));
    }
  }

  template <class List, class Decode>
  void reals(std::size_t item_size, const List& list, Decode decode) {
    result_.is_real = true;
    result_.reals.reserve(raw().empty() ? static_cast<std::size_t>(list.size()) : raw().size() / item_size);
    elements(item_size, list, decode, [this](double value) { take_real(value); });
  }

  /// 16-bit numbers, raw or as the lower bits of int32_data.
  void bits(double (*decode)(std::uint64_t)) {
    result_.is_real = true;
    const auto of_raw = [](const unsigned char* item) {
      return static_cast<std::int32_t>(little_endian(item, 2));
    };
    elements(2, tensor_.int32_data(), of_raw, [this, decode](std::int32_t code) {
      if (code < 0 || code > 0xFFFF) {
        fail("element " + std::to_string(result_.reals.size()) + " is no number of 16 bits", "0 to 65535");
      }
      result_.reals.push_back(static_cast<float>(decode(static_cast<std::uint64_t>(code))));
    });
  }

  template <class List, class Decode>
  void integers(std::size_t item_size, const List& list, Decode decode) {
    elements(item_size, list, decode,
             [this](auto value) { result_.integers.push_back(static_cast<std::int64_t>(value)); });
  }

  const onnx::TensorProto& tensor_;
  const std::string& path_;
  OnnxTensorNotes& notes_;
  std::string external_;
  OnnxTensor result_;
  std::uint64_t count_ = 1;
};

/// Bytes of the UTF-8 character at `position`, 0 if it is none.
std::size_t character_bytes(const std::string& text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const std::size_t size = byte(0) < 0x80   ? 1
                           : byte(0) < 0xC2 ? 0
                           : byte(0) < 0xE0 ? 2
                           : byte(0) < 0xF0 ? 3
                           : byte(0) < 0xF5 ? 4
                                            : 0;
  if (size == 0 || position + size > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return 0;
    }
  }
  // Overlong codes, surrogates and what is beyond Unicode.
  const bool wrong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xED && byte(1) > 0x9F) ||
                     (byte(0) == 0xF0 && byte(1) < 0x90) || (byte(0) == 0xF4 && byte(1) > 0x8F);
  return wrong ? 0 : size;
}

}  // namespace

OnnxTensor OnnxTensor::of_reals(std::vector<std::uint64_t> shape, std::vector<float> values) {
  return {std::move(shape), true, std::move(values), {}};
}

OnnxTensor OnnxTensor::of_integers(std::vector<std::uint64_t> shape, std::vector<std::int64_t> values) {
  return {std::move(shape), false, {}, std::move(values)};
}

std::uint64_t onnx_elements(const std::vector<std::uint64_t>& shape, const std::string& path,
                            const std::string& name) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) {
    if (extent > most_onnx_elements || count * extent > most_onnx_elements) {
      throw InputDataError({path, 0, "tensor " + onnx_name(name, 64)}, "too many elements",
                           "at most " + std::to_string(most_onnx_elements));
    }
    count *= extent;
  }
  return count;
}

OnnxTensor onnx_tensor(const onnx::TensorProto& tensor, const std::string& path, OnnxTensorNotes& notes) {
  return TensorReader(tensor, path, notes).read();
}

std::string onnx_name(const std::string& text, std::size_t most_bytes) {
  std::string name;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_bytes(text, i);
    const auto first = static_cast<unsigned char>(text[i]);
    const bool plain = size > 0 && first >= 32 && first != 127;
    const std::string character = plain ? text.substr(i, size) : "_";
    if (name.size() + character.size() > most_bytes) {
      break;
    }
    name += character;
    i += std::max<std::size_t>(size, 1);
  }
  return name;
}

}  // namespace lacuna
