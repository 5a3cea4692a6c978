#include "models/eie/device/job_data.h"

namespace lacuna::eie {

std::vector<std::uint8_t> values_to_bytes(const std::vector<std::int32_t>& values, std::size_t bytes_each) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * bytes_each);
  for (const std::int32_t value : values) {
    device::put_number(bytes, static_cast<std::uint64_t>(std::int64_t{value}), bytes_each);
  }
  return bytes;
}

std::vector<std::int32_t> values_from_bytes(const std::uint8_t* bytes, std::size_t count,
                                            std::size_t bytes_each) {
  std::vector<std::int32_t> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<std::int32_t>(device::get_signed(bytes + i * bytes_each, bytes_each)));
  }
  return values;
}

JobData job_data(const Parameters& parameters, const Layer& layer, const MemoryImage& image) {
  const JobLayout layout(parameters);
  JobData data;
  data.codebook = values_to_bytes(layer.codebook, layout.codebook_entry_bytes);
  for (const PeMemory& pe : image.pes) {
    for (const std::uint32_t entry : pe.pointers) {
      const std::uint32_t row = entry / layout.entries_per_row;
      const std::uint32_t slot = entry % layout.entries_per_row;
      device::put_number(data.pointers, row << layout.slot_bits | slot, layout.pointer_bytes);
    }
    const std::size_t begin = data.rows.size();
    data.rows.resize(begin + layout.rows(pe.codes.size()) * layout.row_bytes);
    for (std::size_t i = 0; i < pe.codes.size(); ++i) {
      const std::uint32_t entry = pe.codes[i] | std::uint32_t{pe.zeros[i]} << layout.code_bits;
      const std::size_t row = begin + i / layout.entries_per_row * layout.row_bytes;
      const std::size_t first = i % layout.entries_per_row * (layout.code_bits + layout.zero_bits);
      for (std::size_t bit = 0; bit < layout.code_bits + layout.zero_bits; ++bit) {
        data.rows[row + (first + bit) / 8] |=
            static_cast<std::uint8_t>((entry >> bit & 1U) << ((first + bit) % 8));
      }
    }
  }
  return data;
}

JobFields job_fields(const Layer& layer, const JobData& data) {
  JobFields fields;
  fields.inputs = layer.inputs();
  fields.outputs = layer.outputs();
  fields.layer = (layer.has_bias ? job_layer_bias : 0) | (layer.relu ? job_layer_relu : 0);
  fields.weight_integer_bits = static_cast<std::uint8_t>(layer.formats.weight.integer_bits);
  fields.activation_integer_bits = static_cast<std::uint8_t>(layer.formats.activation.integer_bits);
  fields.accumulator_integer_bits = static_cast<std::uint8_t>(layer.formats.accumulator.integer_bits);
  fields.output_integer_bits = static_cast<std::uint8_t>(layer.formats.output.integer_bits);
  fields.codebook_entries = static_cast<std::uint32_t>(layer.codebook.size());
  fields.pointer_bytes = static_cast<std::uint32_t>(data.pointers.size());
  fields.row_bytes = data.rows.size();
  return fields;
}

}  // namespace lacuna::eie
