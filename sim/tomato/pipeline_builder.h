#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/pipeline.h"
#include "sim/tomato/balance.h"

namespace lacuna::tomato {

/// An output of a unit that something may take.
struct Tail {
  std::size_t unit = 0;
  std::uint32_t output = 0;
};

/// Puts a pipeline together.
class PipelineBuilder {
 public:
  explicit PipelineBuilder(std::string name) { pipeline_.name = std::move(name); }

  /// Adds a unit that serves `layer`; its name is the layer's, with `suffix` behind a dot unless that is empty.
  std::size_t add(UnitKind kind, const std::string& layer, const std::string& suffix, const FixedUnroll& fixed = {});
  Unit& unit(std::size_t position) { return pipeline_.units[position]; }

  void connect(const Tail& from, std::size_t to, std::uint32_t input, std::uint32_t depth);

  /// `count` outputs in place of one, through a fork if it needs one.
  std::vector<Tail> split(const Tail& tail, std::size_t count, const std::string& layer, const std::string& suffix,
                          std::uint32_t depth);

  Pipeline take_pipeline() { return std::move(pipeline_); }
  std::vector<FixedUnroll> take_fixed() { return std::move(fixed_); }

 private:
  Pipeline pipeline_;
  std::vector<FixedUnroll> fixed_;
};

}  // namespace lacuna::tomato
