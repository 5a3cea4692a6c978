#include "models/eie/device/eie_job.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace lacuna::eie {

using device::ErrorCode;
using device::JobError;
using device::Transfer;

namespace {

/// Vectors longer than this have no place in any machine of today, and keep every product below in range.
constexpr std::uint32_t longest_vector = 1U << 26U;

void check_fields(const Parameters& p, const JobFields& fields) {
  const auto range = [](const char* field, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    if (value < low || value > high) {
      throw JobError(ErrorCode::FIELD, fmt::format("{} {}", field, value),
                     fmt::format("{} to {}", low, high));
    }
  };
  range("inputs", fields.inputs, 1, longest_vector);
  range("outputs", fields.outputs, 1, longest_vector);
  range("layer", fields.layer, 0, job_layer_bias | job_layer_relu);
  range("weight_integer_bits", fields.weight_integer_bits, 0, p.weight_value_width_bits - 1);
  range("activation_integer_bits", fields.activation_integer_bits, 0, p.activation_width_bits - 1);
  range("accumulator_integer_bits", fields.accumulator_integer_bits, 0, p.accumulator_width_bits - 1);
  range("output_integer_bits", fields.output_integer_bits, 0, p.activation_width_bits - 1);
  range("codebook_entries", fields.codebook_entries, 1, std::uint64_t{1} << p.codebook_index_bits);
}

FixedFormat format(std::uint32_t width, std::uint8_t integer_bits) {
  return {static_cast<int>(width), integer_bits};
}

}  // namespace

EieJob::EieJob(const Parameters& parameters, const device::JobHeader& of_job,
               const std::vector<std::uint8_t>& descriptor)
    : Job(of_job), parameters_(parameters), layout_(parameters) {
  device::check_zeros(descriptor, device::get_fields(descriptor, device::family_fields, fields_));
  check_fields(parameters, fields_);
  device::check_size("input_bytes", header.input_bytes, fields_.inputs * layout_.activation_bytes);
  device::check_size("output_bytes", header.output_bytes, fields_.outputs * layout_.activation_bytes);

  layer.name = "of the job";
  layer.has_bias = (fields_.layer & job_layer_bias) != 0;
  layer.relu = (fields_.layer & job_layer_relu) != 0;
  layer.matrix.rows = fields_.outputs;
  layer.matrix.columns = fields_.inputs + (layer.has_bias ? 1U : 0U);
  layer.codebook.resize(fields_.codebook_entries);
  layer.formats = {format(parameters.weight_value_width_bits, fields_.weight_integer_bits),
                   format(parameters.activation_width_bits, fields_.activation_integer_bits),
                   format(parameters.accumulator_width_bits, fields_.accumulator_integer_bits),
                   format(parameters.activation_width_bits, fields_.output_integer_bits)};

  image.geometry = image_geometry(parameters);
  image.rows = fields_.outputs;
  image.columns = layer.matrix.columns;
  image.row_batches = (image.rows + image.batch_rows() - 1) / image.batch_rows();
  check_fits();  // what needs no pointers to be known

  const std::uint64_t pointers = parameters.pe_count * pointers_per_pe() * layout_.pointer_bytes;
  device::check_size("pointer_bytes", fields_.pointer_bytes, pointers);
  device::check_range("codebook_address", fields_.codebook_address, fields_.codebook_entries,
                      layout_.codebook_entry_bytes);
  device::check_range("pointer_address", fields_.pointer_address, 1, pointers);
  device::check_range("row_address", fields_.row_address, 1, fields_.row_bytes);
}

void EieJob::check_fits() const {
  try {
    check_capacity(parameters_, layer, ImageSize{image.columns, image.row_batches, most_entries_});
  } catch (const CapacityError& error) {
    throw JobError(ErrorCode::CAPACITY, error.what());
  }
}

std::optional<Transfer> EieJob::next_load() const {
  switch (part_) {
    case Part::codebook:
      return Transfer{fields_.codebook_address, layer.codebook.size() * layout_.codebook_entry_bytes};
    case Part::pointers:
      return Transfer{fields_.pointer_address, fields_.pointer_bytes};
    case Part::rows:
      return Transfer{fields_.row_address, fields_.row_bytes};
    case Part::none:
      break;
  }
  return std::nullopt;
}

void EieJob::take_load(std::vector<std::uint8_t> bytes) {
  switch (part_) {
    case Part::codebook:
      take_codebook(bytes);
      part_ = Part::pointers;
      break;
    case Part::pointers:
      take_pointers(bytes);
      part_ = fields_.row_bytes == 0 ? Part::none : Part::rows;
      break;
    case Part::rows:
      take_rows(bytes);
      part_ = Part::none;
      break;
    case Part::none:
      break;
  }
}

void EieJob::take_codebook(const std::vector<std::uint8_t>& bytes) {
  layer.codebook = values_from_bytes(bytes.data(), layer.codebook.size(), layout_.codebook_entry_bytes);
  const FixedFormat& weight = layer.formats.weight;
  for (std::size_t i = 0; i < layer.codebook.size(); ++i) {
    const std::int32_t value = layer.codebook[i];
    if ((i == 0 && value != 0) || value < weight.min_raw() || value > weight.max_raw()) {
      throw JobError(ErrorCode::WEIGHTS, fmt::format("shared weight {} is {}", i, value),
                     fmt::format("element 0 is 0, others {} to {}", weight.min_raw(), weight.max_raw()));
    }
  }
}

void EieJob::take_pointers(const std::vector<std::uint8_t>& bytes) {
  image.pes.resize(parameters_.pe_count);
  const std::uint8_t* at = bytes.data();
  std::uint64_t rows = 0;
  for (std::size_t pe = 0; pe < image.pes.size(); ++pe) {
    std::vector<std::uint32_t>& pointers = image.pes[pe].pointers;
    pointers.reserve(pointers_per_pe());
    for (std::uint64_t i = 0; i < pointers_per_pe(); ++i, at += layout_.pointer_bytes) {
      const std::uint64_t pointer = device::get_number(at, layout_.pointer_bytes);
      const std::uint64_t slot = pointer & ((std::uint64_t{1} << layout_.slot_bits) - 1);
      const std::uint64_t entry = (pointer >> layout_.slot_bits) * layout_.entries_per_row + slot;
      const bool first = pointers.empty();
      if (slot >= layout_.entries_per_row || entry > 0xFFFFFFFF ||
          (first ? entry != 0 : entry < pointers.back())) {
        throw JobError(ErrorCode::WEIGHTS, fmt::format("pointer {} of PE {} is {:#x}", i, pe, pointer),
                       fmt::format("from 0 up, slots 0 to {}", layout_.entries_per_row - 1));
      }
      pointers.push_back(static_cast<std::uint32_t>(entry));
    }
    most_entries_ = std::max<std::uint64_t>(most_entries_, pointers.back());
    rows += layout_.rows(pointers.back());
  }
  check_fits();
  if (fields_.row_bytes != rows * layout_.row_bytes) {
    throw JobError(ErrorCode::WEIGHTS, fmt::format("row_bytes {}", fields_.row_bytes),
                   fmt::format("{}, as the pointers say", rows * layout_.row_bytes));
  }
}

void EieJob::take_rows(const std::vector<std::uint8_t>& bytes) {
  const std::uint8_t* rows = bytes.data();
  const std::size_t width = layout_.code_bits + layout_.zero_bits;
  for (std::size_t pe = 0; pe < image.pes.size(); ++pe) {
    PeMemory& memory = image.pes[pe];
    const std::size_t entries = memory.pointers.back();
    memory.codes.reserve(entries);
    memory.zeros.reserve(entries);
    for (std::size_t i = 0; i < entries; ++i) {
      const std::uint8_t* row = rows + i / layout_.entries_per_row * layout_.row_bytes;
      const std::size_t first = i % layout_.entries_per_row * width;
      const std::size_t last = first + width - 1;
      std::uint32_t entry = 0;
      for (std::size_t byte = first / 8; byte <= last / 8; ++byte) {
        entry |= std::uint32_t{row[byte]} << (8 * (byte - first / 8));
      }
      entry = entry >> (first % 8) & ((1U << width) - 1U);
      memory.codes.push_back(static_cast<std::uint8_t>(entry & ((1U << layout_.code_bits) - 1U)));
      memory.zeros.push_back(static_cast<std::uint8_t>(entry >> layout_.code_bits));
      image.padding_entries += memory.codes.back() == 0 ? 1 : 0;
    }
    image.stored_entries += entries;
    rows += layout_.rows(entries) * layout_.row_bytes;
    check_entries(pe);
  }
  image.identity.renew();
}

/// The entries of a PE stay within its rows and the codebook, so that no unit of the machine leaves its
/// memories.
void EieJob::check_entries(std::size_t pe) const {
  const PeMemory& memory = image.pes[pe];
  const std::uint32_t longest_run = (1U << layout_.zero_bits) - 1U;
  for (std::uint32_t column = 0; column < image.image_columns(); ++column) {
    const std::uint64_t first_row = std::uint64_t{column / image.columns} * image.batch_rows();
    const std::uint64_t rows = std::min<std::uint64_t>(image.batch_rows(), image.rows - first_row);
    const std::uint64_t own_rows = rows > pe ? (rows - pe - 1) / parameters_.pe_count + 1 : 0;
    std::uint64_t next = 0;
    for (std::uint32_t i = memory.pointers[column]; i < memory.pointers[column + 1U]; ++i) {
      const std::uint64_t row = next + memory.zeros[i];
      const bool padding = memory.codes[i] == 0;
      if (row >= own_rows || memory.codes[i] >= layer.codebook.size() ||
          (padding && memory.zeros[i] != longest_run)) {
        throw JobError(ErrorCode::WEIGHTS,
                       fmt::format("entry {} of PE {}: code {}, zeros {} at its row {}", i, pe,
                                   memory.codes[i], memory.zeros[i], row),
                       fmt::format("rows below {}, codes below {}, padding of {} zeros", own_rows,
                                   layer.codebook.size(), longest_run));
      }
      next = row + 1;
    }
  }
}

Transfer EieJob::input(std::uint32_t item) const {
  return {header.input_address + std::uint64_t{item} * header.input_bytes, header.input_bytes};
}

Transfer EieJob::output(std::uint32_t item) const {
  return {header.output_address + std::uint64_t{item} * header.output_bytes, header.output_bytes};
}

std::vector<std::int32_t> EieJob::activations(const std::vector<std::uint8_t>& bytes) const {
  std::vector<std::int32_t> values =
      values_from_bytes(bytes.data(), fields_.inputs, layout_.activation_bytes);
  const FixedFormat& activation = layer.formats.activation;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < activation.min_raw() || values[i] > activation.max_raw()) {
      throw JobError(ErrorCode::VALUE, fmt::format("activation {} is {}", i, values[i]),
                     fmt::format("{} to {}", activation.min_raw(), activation.max_raw()));
    }
  }
  return values;
}

}  // namespace lacuna::eie
