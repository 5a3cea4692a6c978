#include "sim/network/onnx/onnx_tensor.h"

#include <cmath>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr std::uint64_t most_elements = std::uint64_t{1} << 30;

/// IEEE half precision.
double half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31U);
  const auto fraction = static_cast<double>(bits & 1023U);
  const double magnitude = exponent == 31  ? INFINITY
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024.0 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

class TensorReader {
 public:
  TensorReader(const onnx::TensorProto& tensor, const std::string& path) : tensor_(tensor), path_(path) {}

  OnnxTensor read() {
    if (tensor_.data_location() == onnx::TensorProto::EXTERNAL) {
      fail("lies in another file", "a model with its data inside (onnx.save without external data)");
    }
    for (const std::int64_t dimension : tensor_.dims()) {
      if (dimension < 0 || static_cast<std::uint64_t>(dimension) > most_elements) {
        fail("a dimension of " + std::to_string(dimension), "0 to " + std::to_string(most_elements));
      }
      result_.shape.push_back(static_cast<std::uint64_t>(dimension));
      count_ *= static_cast<std::uint64_t>(dimension);
      if (count_ > most_elements) {
        fail("too many elements", "at most " + std::to_string(most_elements));
      }
    }
    read_elements();
    return result_;
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, "tensor " + tensor_.name().substr(0, 64)}, wrong, allowed);
  }

  void read_elements() {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::FLOAT:
        reals(4, tensor_.float_data(),
              [](const unsigned char* item) { return static_cast<double>(little_endian_float(item)); });
        break;
      case onnx::TensorProto::DOUBLE:
        reals(8, tensor_.double_data(), [](const unsigned char* item) { return little_endian_double(item); });
        break;
      case onnx::TensorProto::FLOAT16:
        reals(2, google::protobuf::RepeatedField<double>(),
              [](const unsigned char* item) { return half(little_endian(item, 2)); });
        break;
      case onnx::TensorProto::INT64:
        integers(8, tensor_.int64_data(),
                 [](const unsigned char* item) { return static_cast<std::int64_t>(little_endian(item, 8)); });
        break;
      case onnx::TensorProto::INT32:
        integers(4, tensor_.int32_data(), [](const unsigned char* item) {
          return std::int64_t{static_cast<std::int32_t>(little_endian(item, 4))};
        });
        break;
      default:
        fail("has the type " + onnx::TensorProto_DataType_Name(tensor_.data_type()),
             "FLOAT, DOUBLE, FLOAT16, INT32 or INT64");
    }
  }

  /// Calls take(number) for each element, raw or listed.
  template <class List, class Decode, class Take>
  void elements(std::size_t item_bytes, const List& list, Decode decode, Take take) const {
    const std::string& raw = tensor_.raw_data();
    const std::uint64_t there =
        raw.empty() ? static_cast<std::uint64_t>(list.size()) : raw.size() / item_bytes;
    if (there != count_ || raw.size() % item_bytes != 0) {
      fail("holds " + std::to_string(there) + " elements", "the " + std::to_string(count_) + " of its shape");
    }
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (raw.empty()) {
        take(list[static_cast<int>(i)]);
      } else {
        take(decode(reinterpret_cast<const unsigned char*>(raw.data()) + i * item_bytes));
      }
    }
  }

  template <class List, class Decode>
  void reals(std::size_t item_bytes, const List& list, Decode decode) {
    elements(item_bytes, list, decode, [this](double value) {
      const auto narrow = static_cast<float>(value);
      if (!std::isfinite(narrow)) {
        fail("element " + std::to_string(result_.reals.size()) + " is not a finite float32 number",
             "finite numbers");
      }
      result_.reals.push_back(narrow);
    });
  }

  template <class List, class Decode>
  void integers(std::size_t item_bytes, const List& list, Decode decode) {
    elements(item_bytes, list, decode, [this](std::int64_t value) { result_.integers.push_back(value); });
  }

  const onnx::TensorProto& tensor_;
  const std::string& path_;
  OnnxTensor result_;
  std::uint64_t count_ = 1;
};

}  // namespace

OnnxTensor onnx_tensor(const onnx::TensorProto& tensor, const std::string& path) {
  return TensorReader(tensor, path).read();
}

}  // namespace lacuna
