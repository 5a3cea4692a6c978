// The authors' simulator on AlexNet fc8 with a real activation vector, to the cycle.

#include <filesystem>

#include <catch2/catch.hpp>

#include "models/eie/timeline/timeline_engine.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/trace/quantise.h"
#include "tests/data_folder.h"

namespace lacuna {
namespace {

std::uint64_t total(const eie::RunResult& result, eie::PeEvent event) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[event];
  }
  return sum;
}

TEST_CASE("AlexNet fc8 takes the cycles and reads of the authors' simulator") {
  const std::filesystem::path folder = test::data_folder() / "alexnet_fc8";
  if (!std::filesystem::exists(folder / "indptr.npy")) {
    WARN("skipped: no " << folder);
    return;
  }
  eie::Parameters p;
  p.register_file_entries = 0;
  p.nonzero_detection = eie::NonzeroDetection::positive;
  p.spmat_capacity_bytes = 1U << 20;
  const Trace trace = import_csc_npy(folder.string(), 1000);
  IntegerBits bits;
  bits.activation = 4;
  const QuantisedLayer layer = quantise_layer(trace, bits, eie::value_widths(p));
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(p));

  const auto run = [&](std::uint32_t depth) {
    p.queue_depth_entries = depth;
    return eie::make_timeline_engine(p)->run(layer.layer, image, layer.activations.front(),
                                             eie::Outputs::skipped);
  };
  const eie::RunResult seven = run(7);
  CHECK(seven.cycles == 7926);
  CHECK(seven.control[eie::ControlEvent::broadcasts] == 1760);
  CHECK(total(seven, eie::PeEvent::spmat_row_reads) == 100900);
  CHECK(total(seven, eie::PeEvent::pointer_reads) == 112640);
  const eie::RunResult one = run(1);
  CHECK(one.cycles == 10194);
  CHECK(total(one, eie::PeEvent::spmat_row_reads) == 100900);
}

}  // namespace
}  // namespace lacuna
