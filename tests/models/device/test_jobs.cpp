// Jobs on devices: what comes out is what the engines compute, in the cycles that they count, however the
// port is modelled.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

TEST_CASE("layers on the EIE device: values and cycles of the engine, in every manner") {
  for (std::uint64_t seed = 300; seed < 312; ++seed) {
    const EieWork work(random_case(seed), 3);
    for (const Manner& manner : manners()) {
      INFO("seed " << seed << ", " << manner.name << ": " << describe(work.of));
      CHECK(run_eie_chain({work}, manner) == "");
    }
  }
}

TEST_CASE("chains of layers on the EIE device, whose constants fit beside each other or not") {
  for (std::uint64_t seed = 320; seed < 326; ++seed) {
    Case first = random_case(seed);
    std::vector<EieWork> chain = {EieWork(first, 2)};
    // The same machine, other layers: those whose formats are of the same widths.
    for (std::uint64_t other = 1; other <= 2; ++other) {
      Case more = first;
      for (std::size_t i = 0; i < more.activations.size(); ++i) {
        more.activations[i] = i % (other + 1) == 0 ? first.activations[more.activations.size() - 1 - i] : 0;
      }
      more.layer.relu = !first.layer.relu;
      chain.emplace_back(more, other);
    }
    for (const std::uint64_t pointer_bytes : {std::uint64_t{1} << 20U, std::uint64_t{0}}) {
      for (EieWork& work : chain) {
        const auto layout = eie::encode(work.of.layer.matrix, eie::image_geometry(work.of.parameters));
        const std::uint64_t needed = (std::uint64_t{layout.image_columns()} + 1) * 4;
        work.of.parameters.pointer_capacity_bytes =
            pointer_bytes != 0 ? pointer_bytes : std::max<std::uint64_t>(64, needed);
      }
      for (const Manner& manner : manners()) {
        INFO("seed " << seed << ", " << manner.name << ", pointer memory " << pointer_bytes);
        CHECK(run_eie_chain(chain, manner) == "");
      }
    }
  }
}

TEST_CASE("frames on the streaming device: values and cycles of the engine, in every manner") {
  for (std::uint64_t seed = 400; seed < 412; ++seed) {
    const PipelineCase c = running_pipeline(seed);
    const std::uint32_t frames_per_run = 1 + static_cast<std::uint32_t>(seed % 2);
    const StreamWork work(c, frames_per_run);
    for (const Manner& manner : manners()) {
      INFO("seed " << seed << ", " << manner.name << ": " << describe(c));
      CHECK(run_stream_chain({work, work}, manner) == "");
    }
  }
}

}  // namespace
}  // namespace lacuna::test
