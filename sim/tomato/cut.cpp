#include "sim/tomato/cut.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

constexpr double impossible = std::numeric_limits<double>::infinity();
constexpr std::uint32_t most_link_bits_per_cycle = UINT32_MAX;

/// A place in the order of units where the machine can be cut.
struct CutPlace {
  std::size_t position = 0;  ///< units in the order before it lie in front of the cut
  std::size_t edge = 0;
  std::uint64_t link_cycles = 0;  ///< for the stream of a frame
};

std::vector<CutPlace> cut_places(const Pipeline& pipeline, const Analysis& analysis,
                                 const TomatoArchitecture& architecture) {
  std::vector<std::size_t> rank(pipeline.units.size());
  for (std::size_t i = 0; i < analysis.order.size(); ++i) {
    rank[analysis.order[i]] = i;
  }
  std::vector<CutPlace> places;
  for (std::size_t position = 1; position < analysis.order.size(); ++position) {
    std::vector<std::size_t> crossing;
    for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
      if (rank[pipeline.edges[edge].from] < position && rank[pipeline.edges[edge].to] >= position) {
        crossing.push_back(edge);
      }
    }
    if (crossing.size() != 1) {
      continue;
    }
    // Behind the last cut there is more than the sink.
    if (pipeline.units[pipeline.edges[crossing.front()].to].kind == UnitKind::sink) {
      continue;
    }
    const Stream& stream = analysis.streams[crossing.front()];
    const bool coded = pipeline.units[pipeline.edges[crossing.front()].from].kind == UnitKind::requantise ||
                       pipeline.units[pipeline.edges[crossing.front()].from].kind == UnitKind::max_pool;
    if (coded && !stream.is_window && !stream.is_gate) {
      const Link link =
          link_between(architecture.link, architecture.parameters.clock_mhz, stream, architecture.place);
      places.push_back({position, crossing.front(),
                        divide_up(stream.bits_per_token(), link.bits_per_cycle) * stream.tokens_per_frame()});
    }
  }
  return places;
}

/// Those whose links keep to a target.
std::vector<CutPlace> cut_places_for(const Pipeline& pipeline, const Analysis& analysis,
                                     const TomatoArchitecture& architecture, std::uint64_t target) {
  std::vector<CutPlace> places = cut_places(pipeline, analysis, architecture);
  places.erase(std::remove_if(places.begin(), places.end(),
                              [&](const CutPlace& place) { return place.link_cycles > target; }),
               places.end());
  return places;
}

/// A link's word has whole bits (contract, section 3).
void check_bandwidth(const TomatoArchitecture& architecture) {
  const double least = architecture.parameters.clock_mhz / 1000.0;
  if (architecture.link.bandwidth_gbps < least) {
    throw ConfigurationError(architecture.place,
                             fmt::format("a link of {:g} Gbit/s carries less than a bit in a cycle",
                                         architecture.link.bandwidth_gbps),
                             fmt::format("at least {:g} Gbit/s at this clock", least));
  }
}

class Cutter {
 public:
  Cutter(const Pipeline& pipeline, const Analysis& analysis, const Device& device,
         const TomatoArchitecture& architecture, std::uint64_t target)
      : analysis_(analysis),
        device_(device),
        place_(architecture.multipliers),
        wanted_(architecture.devices),
        places_(wanted_ > 1 ? cut_places_for(pipeline, analysis, architecture, target)
                            : std::vector<CutPlace>()),
        count_(std::min(wanted_, places_.size() + 1)),
        units_(unit_resources(pipeline, analysis, device, architecture)) {}

  Placement run() {
    bounds_ = {0};
    for (const CutPlace& place : places_) {
      bounds_.push_back(place.position);
    }
    bounds_.push_back(analysis_.order.size());
    search();
    return assemble();
  }

 private:
  DeviceResources segment(std::size_t first_bound, std::size_t last_bound) const {
    std::vector<Resources> part;
    for (std::size_t i = bounds_[first_bound]; i < bounds_[last_bound]; ++i) {
      part.push_back(units_[analysis_.order[i]]);
    }
    return place_multipliers(std::move(part), device_, place_);
  }
  double share(std::size_t first_bound, std::size_t last_bound) const {
    double largest = 0.0;
    for (const ResourceUse& use : device_use(segment(first_bound, last_bound).total, device_)) {
      largest = std::max(largest, use.share());
    }
    return largest;
  }

  /// best_[d][b]: the least largest share with the units before bound b on d devices, infinite where that
  /// cannot be; from_: the bound before.
  void search() {
    const std::size_t bounds = bounds_.size();
    best_.assign(count_ + 1, std::vector<double>(bounds, impossible));
    from_.assign(count_ + 1, std::vector<std::size_t>(bounds, 0));
    best_[0][0] = 0.0;
    for (std::size_t first = 0; first < bounds; ++first) {
      for (std::size_t last = first + 1; last < bounds; ++last) {
        if (count_ == 1 && (first != 0 || last + 1 != bounds)) {
          continue;
        }
        const double cost = share(first, last);
        for (std::size_t d = 0; d < count_; ++d) {
          const double before = best_[d][first];
          const double whole = std::max(before, cost);
          if (whole < best_[d + 1][last]) {
            best_[d + 1][last] = whole;
            from_[d + 1][last] = first;
          }
        }
      }
    }
  }

  Placement assemble() const {
    std::vector<std::size_t> chosen{bounds_.size() - 1};
    for (std::size_t d = count_; d > 0; --d) {
      chosen.push_back(from_[d][chosen.back()]);
    }
    std::reverse(chosen.begin(), chosen.end());
    Placement placement;
    placement.device_of_unit.resize(units_.size());
    placement.units.resize(units_.size());
    placement.unused_devices = wanted_ - count_;
    for (std::size_t d = 0; d < count_; ++d) {
      DeviceResources resources = segment(chosen[d], chosen[d + 1]);
      for (std::size_t i = bounds_[chosen[d]]; i < bounds_[chosen[d + 1]]; ++i) {
        placement.device_of_unit[analysis_.order[i]] = d;
        placement.units[analysis_.order[i]] = resources.units[i - bounds_[chosen[d]]];
      }
      placement.devices.push_back(std::move(resources));
      if (d > 0) {
        placement.cut_edges.push_back(places_[chosen[d] - 1].edge);
      }
    }
    return placement;
  }

  const Analysis& analysis_;
  const Device& device_;
  MultiplierPlace place_;
  std::size_t wanted_;
  std::vector<CutPlace> places_;
  std::size_t count_;
  std::vector<Resources> units_;
  std::vector<std::size_t> bounds_;
  std::vector<std::vector<double>> best_;
  std::vector<std::vector<std::size_t>> from_;
};

}  // namespace

bool Placement::fits(const Device& device) const {
  return std::all_of(devices.begin(), devices.end(), [&](const DeviceResources& each) {
    const std::vector<ResourceUse> uses = device_use(each.total, device);
    return std::all_of(uses.begin(), uses.end(), [](const ResourceUse& use) { return use.fits(); });
  });
}

double Placement::largest_share(const Device& device) const {
  double largest = 0.0;
  for (const DeviceResources& each : devices) {
    for (const ResourceUse& use : device_use(each.total, device)) {
      largest = std::max(largest, use.share());
    }
  }
  return largest;
}

Link link_between(const LinkConfig& config, double clock_mhz, const Stream& stream, const ErrorPlace& place) {
  // Compared as real numbers before they become integers.
  const double bits = std::max(1.0, std::floor(config.bandwidth_gbps * 1000.0 / clock_mhz));
  const double latency = std::max(1.0, std::ceil(config.latency_ns * clock_mhz / 1000.0));
  if (bits > most_link_bits_per_cycle) {
    throw ConfigurationError(
        place,
        fmt::format("a link of {:g} Gbit/s at {:g} MHz has words of {:.0f} bits", config.bandwidth_gbps,
                    clock_mhz, bits),
        fmt::format("link.bandwidth_gbps for at most {} bits in a cycle", most_link_bits_per_cycle));
  }
  const double words = std::ceil(static_cast<double>(stream.bits_per_token()) / bits);
  // The link keeps up with its own words if B * I >= I + 2 L - 1 (contract, section 3).
  const double buffer = std::floor((2 * words + 2 * latency - 2) / words) + 1;
  if (buffer > deepest_fifo) {
    throw ConfigurationError(place,
                             fmt::format("a link of {:g} ns at {:g} MHz takes {:.0f} cycles, for which its "
                                         "far end needs a buffer of {:.0f} pixels",
                                         config.latency_ns, clock_mhz, latency, buffer),
                             fmt::format("link.latency_ns for a buffer of at most {} pixels", deepest_fifo));
  }
  Link link;
  link.bits_per_cycle = static_cast<std::uint32_t>(bits);
  link.latency_cycles = static_cast<std::uint32_t>(latency);
  link.buffer_tokens = static_cast<std::uint32_t>(buffer);
  return link;
}

Placement place_on_devices(const Pipeline& pipeline, const Analysis& analysis, const Device& device,
                           const TomatoArchitecture& architecture, std::uint64_t target) {
  if (architecture.devices > 1) {
    check_bandwidth(architecture);
  }
  return Cutter(pipeline, analysis, device, architecture, target).run();
}

std::vector<std::uint64_t> link_cycles(const Pipeline& pipeline, const Analysis& analysis,
                                       const TomatoArchitecture& architecture) {
  std::vector<std::uint64_t> cycles;
  if (architecture.devices > 1) {
    check_bandwidth(architecture);
    for (const CutPlace& place : cut_places(pipeline, analysis, architecture)) {
      cycles.push_back(place.link_cycles);
    }
  }
  return cycles;
}

void insert_links(Pipeline& pipeline, const Analysis& analysis, const TomatoArchitecture& architecture,
                  Placement& placement) {
  for (std::size_t d = 0; d < placement.cut_edges.size(); ++d) {
    const std::size_t edge = placement.cut_edges[d];
    const Edge old = pipeline.edges[edge];
    Unit link;
    link.kind = UnitKind::link;
    link.layer = pipeline.units[old.from].layer;
    link.name = fmt::format("link{}", d);
    link.link = link_between(architecture.link, architecture.parameters.clock_mhz, analysis.streams[edge],
                             architecture.place);
    const std::size_t position = pipeline.units.size();
    pipeline.units.push_back(link);
    placement.device_of_unit.push_back(d);
    placement.units.emplace_back();
    pipeline.edges[edge].to = position;
    pipeline.edges[edge].to_input = 0;
    pipeline.edges.push_back({position, 0, old.to, old.to_input, old.depth});
  }
}

}  // namespace lacuna::tomato
