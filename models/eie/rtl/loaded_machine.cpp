#include "models/eie/rtl/loaded_machine.h"

#include <algorithm>

#include <dlfcn.h>

#include "models/common/error.h"
#include "models/eie/rtl/hardware.h"

namespace lacuna::eie {

void IoWords::put(std::uint32_t pe, std::uint32_t offset, std::uint32_t bits, std::uint32_t value) {
  const std::uint64_t placed = (value & (~std::uint64_t{0} >> (64 - bits))) << (offset % 32);
  std::uint32_t* word = &words_[pe * per_pe_ + offset / 32];
  word[0] |= static_cast<std::uint32_t>(placed);
  if (placed >> 32U != 0) {
    word[1] |= static_cast<std::uint32_t>(placed >> 32U);
  }
}

std::uint32_t IoWords::get(std::uint32_t pe, std::uint32_t offset, std::uint32_t bits) const {
  const std::uint32_t* word = &words_[pe * per_pe_ + offset / 32];
  std::uint64_t window = word[0];
  if (offset % 32 + bits > 32) {
    window |= std::uint64_t{word[1]} << 32U;
  }
  return static_cast<std::uint32_t>(window >> (offset % 32) & (~std::uint64_t{0} >> (64 - bits)));
}

LoadedMachine::LoadedMachine(const std::string& shared_object)
    : library_(dlopen(shared_object.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) {
    throw ConfigurationError({shared_object, 0, {}}, "cannot load this compiled machine");
  }
  using Entry = const LacunaRtlInterface* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library_, "lacuna_rtl_interface"));
  if (entry == nullptr) {
    dlclose(library_);
    throw ConfigurationError({shared_object, 0, {}}, "this is no compiled machine");
  }
  interface_ = entry();
  machine_ = interface_->create();
}

LoadedMachine::~LoadedMachine() {
  interface_->destroy(machine_);
  dlclose(library_);
}

namespace {

std::int32_t sign_extend(std::uint32_t raw, std::uint32_t bits) {
  return static_cast<std::int32_t>(raw << (32 - bits)) >> (32 - bits);
}

}  // namespace

MemoryLoader::MemoryLoader(const Parameters& parameters, LoadedMachine& machine)
    : parameters_(parameters), machine_(machine), words_(machine.interface().io_words, parameters.pe_count) {}

void MemoryLoader::load_image(const MemoryImage& image) {
  load_pointers(image);
  load_entries(image);
}

void MemoryLoader::load_pointers(const MemoryImage& image) {
  const std::uint32_t per_row = parameters_.entries_per_spmat_row();
  const std::uint32_t slots = slot_bits(parameters_);
  const std::uint32_t width = pointer_bits(parameters_);
  const std::uint32_t pointers = image.image_columns() + 1;
  for (std::uint32_t first = 0; first < pointers; first += 2) {
    words_.clear();
    for (std::uint32_t pe = 0; pe < parameters_.pe_count; ++pe) {
      for (std::uint32_t j = first; j < std::min(first + 2, pointers); ++j) {
        const std::uint32_t entry = image.pes[pe].pointers[j];
        words_.put(pe, (j - first) * width, width, entry / per_row << slots | entry % per_row);
      }
    }
    machine_.write(lacuna_rtl_pointers, first / 2, words_);
  }
}

void MemoryLoader::load_entries(const MemoryImage& image) {
  const std::uint32_t per_row = parameters_.entries_per_spmat_row();
  const std::uint32_t code_bits = parameters_.codebook_index_bits;
  const std::uint32_t entry_bits = code_bits + parameters_.relative_index_bits;
  std::size_t most_entries = 0;
  for (const PeMemory& pe : image.pes) {
    most_entries = std::max(most_entries, pe.codes.size());
  }
  for (std::size_t first = 0; first < most_entries; first += per_row) {
    words_.clear();
    for (std::uint32_t pe = 0; pe < parameters_.pe_count; ++pe) {
      const PeMemory& memory = image.pes[pe];
      for (std::size_t e = first; e < std::min(first + per_row, memory.codes.size()); ++e) {
        const std::uint32_t entry = std::uint32_t{memory.zeros[e]} << code_bits | memory.codes[e];
        words_.put(pe, static_cast<std::uint32_t>(e - first) * entry_bits, entry_bits, entry);
      }
    }
    machine_.write(lacuna_rtl_spmat, static_cast<std::uint32_t>(first / per_row), words_);
  }
}

void MemoryLoader::load_codebook(const std::vector<std::int32_t>& codebook) {
  for (std::uint32_t code = 0; code < codebook.size(); ++code) {
    words_.clear();
    for (std::uint32_t pe = 0; pe < parameters_.pe_count; ++pe) {
      words_.put(pe, 0, parameters_.weight_value_width_bits, static_cast<std::uint32_t>(codebook[code]));
    }
    machine_.write(lacuna_rtl_codebook, code, words_);
  }
}

void MemoryLoader::load_activations(const Layer& layer, const std::vector<std::int32_t>& activations) {
  const SramLayout layout = sram_layout(parameters_, layer);
  const std::uint32_t pes = parameters_.pe_count;
  const std::uint32_t width = parameters_.activation_width_bits;
  const std::uint64_t rows = (activations.size() + pes - 1) / pes;
  const auto value = [&](std::uint64_t row, std::uint32_t pe) {
    const std::uint64_t index = row * pes + pe;
    return index < activations.size() ? static_cast<std::uint32_t>(activations[index]) : 0U;
  };
  if (layout.load_words == 0) {
    for (std::uint64_t row = 0; row < rows; ++row) {
      words_.clear();
      for (std::uint32_t pe = 0; pe < pes; ++pe) {
        words_.put(pe, 0, width, value(row, pe));
      }
      machine_.write(lacuna_rtl_source, static_cast<std::uint32_t>(row), words_);
    }
    return;
  }
  const std::uint64_t batch_rows = parameters_.register_file_entries;
  std::vector<IoWords> sram(layout.load_words, words_);
  for (IoWords& word : sram) {
    word.clear();
  }
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::uint64_t bit =
        row / batch_rows * layout.load_words_per_batch * parameters_.activation_sram_width_bits +
        row % batch_rows * width;
    for (std::uint32_t pe = 0; pe < pes; ++pe) {
      put_packed_activation(sram, pe, bit, value(row, pe));
    }
  }
  for (std::uint64_t i = 0; i < sram.size(); ++i) {
    machine_.write(lacuna_rtl_activation_sram, static_cast<std::uint32_t>(i), sram[i]);
  }
}

void MemoryLoader::put_packed_activation(std::vector<IoWords>& words, std::uint32_t pe, std::uint64_t bit,
                                         std::uint32_t value) {
  const std::uint32_t sram_width = parameters_.activation_sram_width_bits;
  std::uint32_t left = parameters_.activation_width_bits;
  while (left > 0) {
    const auto offset = static_cast<std::uint32_t>(bit % sram_width);
    const std::uint32_t bits = std::min(left, sram_width - offset);
    words[bit / sram_width].put(pe, offset, bits, value);
    value = bits == 32 ? 0 : value >> bits;
    bit += bits;
    left -= bits;
  }
}

std::vector<std::int32_t> MemoryLoader::outputs(const Layer& layer) {
  const SramLayout layout = sram_layout(parameters_, layer);
  const std::uint32_t pes = parameters_.pe_count;
  const std::uint32_t width = parameters_.activation_width_bits;
  std::vector<std::int32_t> outputs(layer.outputs());
  if (layout.store_words == 0) {
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      if (i % pes == 0) {
        machine_.read(lacuna_rtl_output, i / pes, words_);
      }
      outputs[i] = sign_extend(words_.get(i % pes, 0, width), width);
    }
    return outputs;
  }
  const std::uint32_t sram_width = parameters_.activation_sram_width_bits;
  const std::uint32_t batch_rows = parameters_.register_file_entries;
  std::vector<IoWords> sram(layout.store_words, words_);
  for (std::uint64_t i = 0; i < sram.size(); ++i) {
    machine_.read(lacuna_rtl_sram_word, static_cast<std::uint32_t>(layout.load_words + i), sram[i]);
  }
  for (std::uint32_t i = 0; i < outputs.size(); ++i) {
    const std::uint32_t row = i / pes;
    std::uint64_t bit = std::uint64_t{row / batch_rows} * layout.store_words_per_batch * sram_width +
                        std::uint64_t{row % batch_rows} * width;
    std::uint32_t raw = 0;
    for (std::uint32_t got = 0; got < width;) {
      const auto offset = static_cast<std::uint32_t>(bit % sram_width);
      const std::uint32_t bits = std::min(width - got, sram_width - offset);
      raw |= sram[bit / sram_width].get(i % pes, offset, bits) << got;
      got += bits;
      bit += bits;
    }
    outputs[i] = sign_extend(raw, width);
  }
  return outputs;
}

}  // namespace lacuna::eie
