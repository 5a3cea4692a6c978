#include <cstring>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/compress/container.h"
#include "sim/compress/container_layout.h"
#include "sim/compress/huffman.h"
#include "sim/files/output_file.h"

namespace lacuna {
namespace {

class ContainerWriter {
 public:
  void integer(std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      bytes_.push_back(static_cast<unsigned char>(value >> (8 * i) & 0xFFU));
    }
  }
  void text(const std::string& text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  void real(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    integer(bits, 4);
  }
  void real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    integer(bits, 8);
  }
  void reals(const std::vector<float>& values) {
    integer(values.size(), 4);
    for (const float value : values) {
      real(value);
    }
  }
  void stream(const std::vector<std::uint16_t>& symbols, std::uint32_t symbol_bits, StreamCoding coding);
  std::vector<unsigned char> take() {
    text(sha256_bytes(bytes_.data(), bytes_.size()));
    return std::move(bytes_);
  }

 private:
  std::vector<unsigned char> bytes_;
};

void ContainerWriter::stream(const std::vector<std::uint16_t>& symbols, std::uint32_t symbol_bits,
                             StreamCoding coding) {
  BitWriter writer;
  if (coding == StreamCoding::fixed || !measure_stream(symbols, symbol_bits).is_coded()) {
    integer(0, 1);
    for (const std::uint16_t symbol : symbols) {
      writer.put(symbol, symbol_bits);
    }
  } else {
    const std::vector<std::uint8_t> lengths =
        huffman_lengths(count_symbols(symbols, std::size_t{1} << symbol_bits));
    const unsigned width = length_bits(lengths);
    integer(width, 1);
    for (const std::uint8_t length : lengths) {
      writer.put(length, width);
    }
    const PrefixCode code(lengths);
    for (const std::uint16_t symbol : symbols) {
      code.write(writer, symbol);
    }
  }
  const std::vector<unsigned char> packed = writer.take();
  integer(packed.size(), 8);
  bytes_.insert(bytes_.end(), packed.begin(), packed.end());
}

void write_code(ContainerWriter& writer, const WeightCode& code) {
  if (code.is_codebook()) {
    writer.integer(codebook_tag, 1);
    writer.integer(code.codebook_bits, 1);
    writer.reals(code.codebook);
    return;
  }
  const NumberFormat& format = code.format;
  writer.integer(1 + static_cast<unsigned>(format.kind), 1);
  for (const int value : {format.width_bits, format.point, format.exponent, format.bias,
                          format.negative_centre, format.positive_centre}) {
    writer.integer(static_cast<std::uint8_t>(value), 1);
  }
  writer.real(code.scale);
}

void write_layer(ContainerWriter& writer, const CompressedLayer& layer, StreamCoding coding) {
  writer.integer(layer.name.size(), 2);
  writer.text(layer.name);
  writer.integer(layer.shape.size(), 1);
  for (const std::uint32_t dimension : layer.shape) {
    writer.integer(dimension, 4);
  }
  writer.integer(layer.relu ? 1 : 0, 1);
  writer.reals(layer.biases);
  write_code(writer, layer.code);
  writer.integer(layer.index_bits, 1);
  writer.integer(layer.entries.size(), 8);
  writer.stream(layer.entries.codes, layer.code.stored_bits(), coding);
  writer.stream(layer.entries.gaps, layer.index_bits, coding);
}

}  // namespace

std::vector<unsigned char> container_bytes(const std::vector<CompressedLayer>& layers, StreamCoding coding) {
  ContainerWriter writer;
  writer.text(std::string(container_magic, container_magic_bytes));
  writer.integer(container_version, 4);
  writer.integer(layers.size(), 4);
  for (const CompressedLayer& layer : layers) {
    if (layer.name.size() > max_layer_name_bytes) {
      throw InputDataError({"", 0, cut(layer.name, 32)}, "the layer's name is too long",
                           "at most " + std::to_string(max_layer_name_bytes) + " bytes");
    }
    write_layer(writer, layer, coding);
  }
  return writer.take();
}

void write_container(const std::vector<CompressedLayer>& layers, StreamCoding coding,
                     const std::string& path) {
  const std::vector<unsigned char> bytes = container_bytes(layers, coding);
  write_output(path, std::string(bytes.begin(), bytes.end()));
}

}  // namespace lacuna
