#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/compress/container.h"
#include "sim/compress/container_layout.h"
#include "sim/compress/huffman.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

class ContainerReader {
 public:
  ContainerReader(const std::vector<unsigned char>& bytes, const std::string& path)
      : path_(path), bytes_(bytes), end_(bytes.size()) {}

  std::vector<CompressedLayer> read() {
    check_frame();
    const std::uint64_t count = integer(4, "header");
    if (count > max_container_layers) {
      fail(std::to_string(count) + " layers", "at most " + std::to_string(max_container_layers));
    }
    std::vector<CompressedLayer> layers;
    for (std::uint64_t i = 0; i < count; ++i) {
      layer_ = "layer " + std::to_string(i);
      layers.push_back(read_layer());
    }
    layer_.clear();
    if (position_ != end_) {
      fail(std::to_string(end_ - position_) + " bytes follow the last layer", "none");
    }
    return layers;
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, layer_}, wrong, allowed);
  }

  void check_frame() {
    if (end_ < container_magic_bytes + 8 + container_digest_bytes ||
        !std::equal(container_magic, container_magic + container_magic_bytes, bytes_.begin())) {
      fail("is not a container of compressed weights", "a file that lacuna compress wrote");
    }
    end_ -= container_digest_bytes;
    const std::string digest(bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.end());
    if (sha256_bytes(bytes_.data(), end_) != digest) {
      fail("is damaged or cut short: the checksum differs", "the file as it was written");
    }
    position_ = container_magic_bytes;
    const std::uint64_t version = integer(4, "header");
    if (version != container_version) {
      fail("is of version " + std::to_string(version), "version " + std::to_string(container_version));
    }
  }

  const unsigned char* take(std::uint64_t count, const char* what) {
    if (count > end_ - position_) {
      fail(std::string("ends within the ") + what, std::to_string(count) + " more bytes");
    }
    const unsigned char* start = bytes_.data() + position_;
    position_ += count;
    return start;
  }

  std::uint64_t integer(unsigned size, const char* what) { return little_endian(take(size, what), size); }

  std::uint32_t integer_in(unsigned size, const char* what, std::uint64_t least, std::uint64_t most) {
    const std::uint64_t value = integer(size, what);
    if (value < least || value > most) {
      fail(std::string("the ") + what + " is " + std::to_string(value),
           std::to_string(least) + " to " + std::to_string(most));
    }
    return static_cast<std::uint32_t>(value);
  }

  std::vector<float> reals(const char* what, std::uint64_t most) {
    const std::uint64_t count = integer_in(4, what, 0, most);
    const unsigned char* start = take(4 * count, what);
    std::vector<float> values(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      values[i] = little_endian_float(start + 4 * i);
      if (!std::isfinite(values[i])) {
        fail(std::string("element ") + std::to_string(i) + " of the " + what + " is not finite",
             "finite numbers");
      }
    }
    return values;
  }

  CompressedLayer read_layer() {
    CompressedLayer layer;
    layer.name = name();
    layer_ = layer.name.empty() ? layer_ : layer.name;
    const std::uint32_t rank = integer_in(1, "number of dimensions", 2, 4);
    for (std::uint32_t i = 0; i < rank; ++i) {
      layer.shape.push_back(static_cast<std::uint32_t>(integer(4, "shape")));
    }
    const std::uint64_t weights = checked_weight_count(layer.shape, path_, layer_);
    layer.relu = integer_in(1, "ReLU flag", 0, 1) == 1;
    layer.biases = reals("biases", layer.shape.front());
    if (!layer.biases.empty() && layer.biases.size() != layer.shape.front()) {
      fail(std::to_string(layer.biases.size()) + " biases", "none, or one for each output");
    }
    layer.code = weight_code();
    layer.index_bits = integer_in(1, "bits of an index", 1, 16);
    const std::uint64_t entries = integer(8, "number of entries");
    if (entries > weights) {
      fail(std::to_string(entries) + " entries", "at most the layer's weights");
    }
    layer.entries.codes = stream(entries, layer.code.stored_bits(), "codes");
    layer.entries.gaps = stream(entries, layer.index_bits, "gaps");
    check_entries(layer, weights);
    return layer;
  }

  std::string name() {
    const std::uint32_t size = integer_in(2, "length of the name", 0, max_layer_name_bytes);
    const unsigned char* start = take(size, "name");
    std::string text(start, start + size);
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; })) {
      fail("the name holds control characters", "plain text");
    }
    return text;
  }

  WeightCode weight_code() {
    WeightCode code;
    const std::uint32_t tag =
        integer_in(1, "kind of the weight code", 0, 1 + static_cast<unsigned>(NumberKind::binary));
    if (tag == codebook_tag) {
      code.codebook_bits = integer_in(1, "bits of a code", 1, 8);
      code.codebook = reals("codebook", std::uint64_t{1} << code.codebook_bits);
      if (code.codebook.size() < 2 || code.codebook[0] != 0.0F) {
        fail("the codebook is impossible", "0 and at least one value");
      }
      return code;
    }
    code.format.kind = static_cast<NumberKind>(tag - 1);
    for (int* value : {&code.format.width_bits, &code.format.point, &code.format.exponent, &code.format.bias,
                       &code.format.negative_centre, &code.format.positive_centre}) {
      const auto byte = static_cast<int>(integer(1, "number format"));
      *value = byte < 128 ? byte : byte - 256;
    }
    code.scale = little_endian_double(take(8, "scale"));
    check_number_format(code);
    return code;
  }

  void check_number_format(const WeightCode& code) const {
    try {
      check_format(code.format, {});
    } catch (const ConfigurationError& error) {
      fail(std::string("the number format is impossible: ") + error.what(), "");
    }
    if (code.format.width_bits > 16 || !std::isfinite(code.scale) || code.scale <= 0.0) {
      fail("the number format or its scale is impossible", "at most 16 bits, a scale above 0");
    }
    for (const float value : value_table(code)) {
      if (!std::isfinite(value)) {
        fail("the scale makes weights that float32 cannot hold", "a smaller scale");
      }
    }
  }

  /// `count` symbols. Each takes at least one bit, so that no more are allocated than the file can hold.
  std::vector<std::uint16_t> stream(std::uint64_t count, std::uint32_t symbol_bits, const char* what) {
    const unsigned width = integer_in(1, "width of the code lengths", 0, 6);
    const std::uint64_t size = integer(8, what);
    BitReader reader(take(size, what), size);
    std::vector<std::uint8_t> lengths;
    if (width > 0) {
      for (std::size_t i = 0; i < std::size_t{1} << symbol_bits; ++i) {
        lengths.push_back(static_cast<std::uint8_t>(reader.take(width)));
      }
    }
    const std::uint64_t least_bits = width > 0 ? count : count * symbol_bits;
    if (reader.overrun() || least_bits > 8 * size - reader.position()) {
      fail(std::string("the ") + what + " are cut short", std::to_string(count) + " of them");
    }
    std::vector<std::uint16_t> symbols(count);
    if (width == 0) {
      for (std::uint16_t& symbol : symbols) {
        symbol = static_cast<std::uint16_t>(reader.take(symbol_bits));
      }
    } else {
      read_coded(reader, lengths, symbols);
    }
    if (reader.overrun() || (reader.position() + 7) / 8 != size) {
      fail(std::string("the ") + what + " are not as long as their stream", "streams without a rest");
    }
    return symbols;
  }

  void read_coded(BitReader& reader, const std::vector<std::uint8_t>& lengths,
                  std::vector<std::uint16_t>& symbols) const {
    try {
      const PrefixCode code(lengths);
      for (std::uint16_t& symbol : symbols) {
        symbol = code.read(reader);
      }
    } catch (const InputDataError& error) {
      fail(error.what(), "");
    }
  }

  void check_entries(CompressedLayer& layer, std::uint64_t weights) const {
    for (const std::uint16_t code : layer.entries.codes) {
      if (!layer.code.is_code(code)) {
        fail("code " + std::to_string(code) + " has no meaning", "codes of " + layer.code.text());
      }
      layer.entries.padding += code == 0 ? 1 : 0;
    }
    try {
      from_relative(layer.entries, layer.index_bits, weights);
    } catch (const InputDataError& error) {
      fail(error.what(), "");
    }
  }

  const std::string& path_;
  const std::vector<unsigned char>& bytes_;
  std::uint64_t end_;
  std::uint64_t position_ = 0;
  std::string layer_;
};

}  // namespace

std::vector<CompressedLayer> parse_container(const std::vector<unsigned char>& bytes,
                                             const std::string& path) {
  return ContainerReader(bytes, path).read();
}

std::vector<CompressedLayer> read_container(const std::string& path) {
  return parse_container(read_bytes(path, max_container_bytes), path);
}

}  // namespace lacuna
