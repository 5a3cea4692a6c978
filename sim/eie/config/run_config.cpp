#include "sim/eie/config/run_config.h"

namespace lacuna {
namespace {

std::optional<int> bits(const std::optional<std::uint32_t>& configured) {
  return configured ? std::optional<int>(static_cast<int>(*configured)) : std::nullopt;
}

}  // namespace

IntegerBits FormatsConfig::integer_bits() const {
  return {bits(weight), bits(activation), bits(accumulator), bits(output)};
}

const std::vector<std::string>& benchmark_names() {
  static const std::vector<std::string> names = {"Alex-6", "Alex-7", "Alex-8", "VGG-6",  "VGG-7",
                                                 "VGG-8",  "NT-We",  "NT-Wd",  "NT-LSTM"};
  return names;
}

}  // namespace lacuna
