#include "sim/search/block_operations.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <variant>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

constexpr const char* allowed_operations =
    "seq1(g, g, ...), seq2(u, g), seq3(b), spatial_bottleneck(f), group(g) or narrow(n) with numbers from 1 "
    "to 4096";

[[noreturn]] void refuse(const std::string& name) {
  throw ConfigurationError({}, fmt::format("'{:.60}' is no operation", name), allowed_operations);
}

/// The numbers between the brackets at the end of a name without spaces.
std::vector<std::uint32_t> numbers_of(const std::string& name, std::size_t open) {
  constexpr std::uint32_t largest = 4096;
  constexpr std::size_t most_numbers = 64;
  std::vector<std::uint32_t> numbers;
  const char* next = name.data() + open;
  const char* const last = name.data() + name.size() - 1;  // the bracket that closes
  while (next < last) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(next + 1, last, number);
    const bool more = end < last && *end == ',';
    if (error != std::errc() || number == 0 || number > largest || (end != last && !more) ||
        numbers.size() == most_numbers) {
      refuse(name);
    }
    numbers.push_back(number);
    next = end;
  }
  return numbers;
}

struct Narrowed {
  std::uint32_t channels = 1;
};

std::variant<OperatorTransformation, Narrowed> transformation_of(const std::string& name) {
  const std::size_t open = name.find('(');
  if (open == std::string::npos || name.back() != ')') {
    refuse(name);
  }
  const std::string kind = name.substr(0, open);
  const std::vector<std::uint32_t> numbers = numbers_of(name, open);
  if (kind == "seq1" && !numbers.empty()) {
    return SplitAndGroup{numbers};
  }
  if (kind == "seq2" && numbers.size() == 2) {
    return UnrollAndGroup{numbers[0], numbers[1]};
  }
  if (kind == "seq3" && numbers.size() == 1) {
    return SpatialSplit{numbers[0]};
  }
  if (kind == "spatial_bottleneck" && numbers.size() == 1) {
    return SpatialBottleneck{numbers[0]};
  }
  if (kind == "group" && numbers.size() == 1) {
    return Grouping{numbers[0]};
  }
  if (kind == "narrow" && numbers.size() == 1) {
    return Narrowed{numbers[0]};
  }
  refuse(name);
}

}  // namespace

BlockType operation_type(const std::string& name) {
  BlockType type;
  std::copy_if(name.begin(), name.end(), std::back_inserter(type.name),
               [](unsigned char letter) { return std::isspace(letter) == 0; });
  type.shape = BlockType::Shape::transformed;
  const std::variant<OperatorTransformation, Narrowed> parsed = transformation_of(type.name);
  if (const auto* narrowed = std::get_if<Narrowed>(&parsed)) {
    type.operation = Grouping{1};
    type.inner = narrowed->channels;
  } else {
    type.operation = std::get<OperatorTransformation>(parsed);
  }
  return type;
}

std::vector<Operation> block_operations(const BlockType& type, const BlockPlace& place) {
  const std::uint32_t inner = type.inner.value_or(place.outputs);
  Domain domain;
  domain.co = inner;
  domain.ci = place.inputs;
  domain.input_h = place.height;
  domain.input_w = place.width;
  domain.kh = domain.kw = 3;
  domain.stride = place.stride;
  domain.padding = 1;
  std::vector<Operation> operations;
  operations.push_back(transformed(make_operation(domain), type.operation.value()));
  Domain second = domain;
  second.co = place.outputs;
  second.ci = inner;
  second.input_h = domain.h();
  second.input_w = domain.w();
  second.stride = 1;
  operations.push_back(transformed(make_operation(second), type.operation.value()));
  return operations;
}

}  // namespace lacuna
