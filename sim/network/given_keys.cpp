#include "sim/network/given_keys.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "sim/network/network.h"

namespace lacuna {
namespace {

using Keys = std::vector<std::string>;

/// What a kind takes beside name, kind and inputs.
struct KindKeys {
  Keys required;
  Keys optional;
};

Keys window_keys() {
  return {"kernel",      "kernel_height",  "kernel_width", "stride",       "padding",
          "padding_top", "padding_bottom", "padding_left", "padding_right"};
}

Keys with_window(Keys keys) {
  const Keys window = window_keys();
  keys.insert(keys.end(), window.begin(), window.end());
  return keys;
}

KindKeys keys_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::input:
      return {{"channels"}, {"height", "width"}};
    case LayerKind::convolution:
      return {{"outputs", "weights"}, with_window({"groups", "activation"})};
    case LayerKind::fully_connected:
      return {{"outputs", "weights"}, {"activation"}};
    case LayerKind::lstm:
      return {{"outputs", "weights"}, {}};
    case LayerKind::max_pooling:
      return {{}, with_window({"ceil_mode"})};
    case LayerKind::average_pooling:
      return {{}, with_window({"ceil_mode", "count_padding"})};
    case LayerKind::add:
      return {{}, {"activation"}};
    case LayerKind::flatten:
      return {{"order"}, {}};
    case LayerKind::batch_normalization:
      return {{"batch_normalization"}, {"activation"}};
    default:
      return {};
  }
}

Keys given_keys(const LayerDescription& d) {
  const std::vector<std::pair<const char*, bool>> all = {
      {"height", d.height.has_value()},
      {"width", d.width.has_value()},
      {"channels", d.channels.has_value()},
      {"outputs", d.outputs.has_value()},
      {"kernel", d.kernel.has_value()},
      {"kernel_height", d.kernel_height.has_value()},
      {"kernel_width", d.kernel_width.has_value()},
      {"stride", d.stride.has_value()},
      {"padding", d.padding.has_value()},
      {"padding_top", d.padding_top.has_value()},
      {"padding_bottom", d.padding_bottom.has_value()},
      {"padding_left", d.padding_left.has_value()},
      {"padding_right", d.padding_right.has_value()},
      {"groups", d.groups.has_value()},
      {"ceil_mode", d.ceil_mode.has_value()},
      {"count_padding", d.count_padding.has_value()},
      {"order", d.order.has_value()},
      {"activation", d.activation.has_value()},
      {"weights", d.weights.has_value()},
      {"batch_normalization", d.batch_normalization.has_value()}};
  Keys given;
  for (const auto& [key, present] : all) {
    if (present) {
      given.emplace_back(key);
    }
  }
  return given;
}

bool contains(const Keys& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

[[noreturn]] void refuse(const LayerDescription& layer, const std::string& key, const std::string& wrong,
                         const std::string& allowed) {
  ErrorPlace place = layer.place;
  place.key += "." + key;
  throw ConfigurationError(place, wrong, allowed);
}

void check_kernel(const LayerDescription& layer, const Keys& given) {
  const bool whole = contains(given, "kernel");
  const bool both = contains(given, "kernel_height") && contains(given, "kernel_width");
  if (!whole && !both) {
    refuse(layer, "kernel", "is missing", "kernel, or kernel_height and kernel_width");
  }
}

}  // namespace

void check_given_keys(const LayerDescription& layer) {
  const KindKeys keys = keys_of(layer.kind);
  const Keys given = given_keys(layer);
  Keys allowed = keys.required;
  allowed.insert(allowed.end(), keys.optional.begin(), keys.optional.end());
  for (const std::string& key : given) {
    if (!contains(allowed, key)) {
      refuse(layer, key, fmt::format("has no meaning for kind {}", kind_name(layer.kind)),
             allowed.empty() ? "name, kind, inputs"
                             : fmt::format("name, kind, inputs, {}", fmt::join(allowed, ", ")));
    }
  }
  for (const std::string& key : keys.required) {
    if (!contains(given, key)) {
      refuse(layer, key, "is missing", fmt::format("kind {} needs it", kind_name(layer.kind)));
    }
  }
  if (contains(allowed, "kernel")) {
    check_kernel(layer, given);
  }
  if (layer.kind == LayerKind::input && !layer.inputs.empty()) {
    refuse(layer, "inputs", "has no meaning for kind input", "leave it out");
  }
}

}  // namespace lacuna
