#include "models/eie/rtl/loaded_machine.h"

#include <dlfcn.h>

#include "models/common/error.h"

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

}  // namespace lacuna::eie
