#pragma once

#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// What a unit's lanes divide among them.
enum class Lanes { input_channels, output_channels, taps };

/// A unit with no lanes, or with more than there is work for. Whoever has stated them says under which key.
class LanesError : public PipelineError {
 public:
  LanesError(const PipelineError& error, Lanes lanes) : PipelineError(error), lanes_(lanes) {}

  Lanes lanes() const { return lanes_; }

 private:
  Lanes lanes_;
};

}  // namespace lacuna::tomato
