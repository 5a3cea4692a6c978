#include "sim/graph/block_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/files/output_file.h"

namespace lacuna {
namespace {

void check(const BlockModel& m) {
  const auto require = [](bool right, const char* key, const std::string& allowed) {
    if (!right) {
      throw ConfigurationError({"", 0, key}, "is out of range", allowed);
    }
  };
  require(m.nodes <= 1U << 24, "--nodes", "at most 16777216");
  require(m.blocks >= 1 && m.nodes / 2 >= m.blocks, "--blocks", "1 to half as many as nodes");
  require(m.degree >= 1.0 && m.degree <= 1000.0, "--degree", "1 to 1000");
  require(m.homophily >= 0.0 && m.homophily <= 1.0, "--homophily", "0 to 1");
  require(m.hub_power >= 1 && m.hub_power <= 8, "--hub-power", "1 to 8");
  require(m.features >= m.blocks && m.features <= 1U << 20, "--features",
          "as many as blocks, or more, to 1048576");
  require(m.active >= 1 && m.active <= m.features, "--active", "1 to as many as features");
  require(m.signal >= 0.0 && m.signal <= 1.0, "--signal", "0 to 1");
  const std::uint64_t parts = std::uint64_t{m.train} * m.blocks + m.validation + m.test;
  require(
      m.train >= 1 && m.validation >= 1 && m.test >= 1 && m.train <= m.nodes / m.blocks && parts <= m.nodes,
      "--train", "parts that are not empty and together no larger than the graph");
}

class BlockDraw {
 public:
  explicit BlockDraw(const BlockModel& model)
      : model_(model),
        ends_(model.seed, StreamPurpose::row_positions, 0),
        words_(model.seed, StreamPurpose::activation_positions, 0),
        order_(model.seed, StreamPurpose::image_order, 0) {}

  BlockGraph draw() {
    draw_edges();
    draw_words();
    draw_parts();
    return std::move(graph_);
  }

 private:
  std::uint32_t members(std::uint32_t block) const {
    return (model_.nodes - block + model_.blocks - 1) / model_.blocks;
  }

  static double unit(RandomStream& stream) { return std::ldexp(static_cast<double>(stream.next()), -32); }
  static bool chance(RandomStream& stream, double share) { return unit(stream) < share; }

  std::uint32_t end_in(std::uint32_t block) {
    const double u = unit(ends_);
    double place = u;
    for (std::uint32_t i = 1; i < model_.hub_power; ++i) {
      place *= u;
    }
    const auto member = static_cast<std::uint32_t>(place * static_cast<double>(members(block)));
    return std::min(member, members(block) - 1) * model_.blocks + block;
  }

  std::uint32_t partner(std::uint32_t node) {
    const std::uint32_t own = node % model_.blocks;
    std::uint32_t block = own;
    if (model_.blocks > 1 && !chance(ends_, model_.homophily)) {
      block = (own + 1 + ends_.below(model_.blocks - 1)) % model_.blocks;
    }
    const std::uint32_t other = end_in(block);
    if (other != node) {
      return other;
    }
    const std::uint32_t next = node + model_.blocks;  // the next of the block, the first behind the last
    return next < model_.nodes ? next : block;
  }

  void add_edge(std::uint32_t node) {
    const std::uint32_t other = partner(node);
    graph_.edges.emplace_back(std::min(node, other), std::max(node, other));
  }

  /// Each node draws a partner, so that none is isolated; the other edges begin anywhere.
  void draw_edges() {
    const auto all = static_cast<std::uint64_t>(model_.degree * static_cast<double>(model_.nodes) / 2.0);
    for (std::uint32_t node = 0; node < model_.nodes; ++node) {
      add_edge(node);
    }
    for (std::uint64_t i = model_.nodes; i < all; ++i) {
      add_edge(end_in(ends_.below(model_.blocks)));
    }
    std::sort(graph_.edges.begin(), graph_.edges.end());
    graph_.edges.erase(std::unique(graph_.edges.begin(), graph_.edges.end()), graph_.edges.end());
  }

  void draw_words() {
    graph_.words.resize(model_.nodes);
    const std::uint32_t own = model_.features / model_.blocks;
    for (std::uint32_t node = 0; node < model_.nodes; ++node) {
      std::vector<std::uint32_t>& words = graph_.words[node];
      for (std::uint32_t i = 0; i < model_.active; ++i) {
        const bool of_block = chance(words_, model_.signal);
        words.push_back(of_block ? node % model_.blocks * own + words_.below(own)
                                 : words_.below(model_.features));
      }
      std::sort(words.begin(), words.end());
      words.erase(std::unique(words.begin(), words.end()), words.end());
    }
  }

  void draw_parts() {
    std::vector<std::uint32_t> order(model_.nodes);
    for (std::uint32_t i = 0; i < model_.nodes; ++i) {
      const std::uint32_t place = order_.below(i + 1);
      order[i] = order[place];
      order[place] = i;
    }
    std::vector<std::uint32_t> trained(model_.blocks, 0);
    for (const std::uint32_t node : order) {
      if (trained[node % model_.blocks] < model_.train) {
        ++trained[node % model_.blocks];
        graph_.train.push_back(node);
      } else if (graph_.validation.size() < model_.validation) {
        graph_.validation.push_back(node);
      } else if (graph_.test.size() < model_.test) {
        graph_.test.push_back(node);
      }
    }
    for (auto* part : {&graph_.train, &graph_.validation, &graph_.test}) {
      std::sort(part->begin(), part->end());
    }
  }

  const BlockModel& model_;
  RandomStream ends_;
  RandomStream words_;
  RandomStream order_;
  BlockGraph graph_;
};

}  // namespace

BlockGraph make_block_graph(const BlockModel& model) {
  check(model);
  return BlockDraw(model).draw();
}

void write_block_graph(const BlockModel& model, const BlockGraph& graph, const std::string& folder) {
  std::size_t nonzeros = 0;
  for (const auto& words : graph.words) {
    nonzeros += words.size();
  }
  std::string text = fmt::format(
      "%%MatrixMarket matrix coordinate pattern general\n% planted features of a stochastic block model, "
      "seed "
      "{}\n{} {} {}\n",
      model.seed, model.nodes, model.features, nonzeros);
  for (std::size_t node = 0; node < graph.words.size(); ++node) {
    for (const std::uint32_t word : graph.words[node]) {
      fmt::format_to(std::back_inserter(text), "{} {}\n", node + 1, word + 1);
    }
  }
  write_output(folder + "/features.mtx", text);
  text = "u,v\n";
  for (const auto& [u, v] : graph.edges) {
    fmt::format_to(std::back_inserter(text), "{},{}\n", u, v);
  }
  write_output(folder + "/edges.csv", text);
  text = "node,label\n";
  for (std::uint32_t node = 0; node < model.nodes; ++node) {
    fmt::format_to(std::back_inserter(text), "{},{}\n", node, node % model.blocks);
  }
  write_output(folder + "/labels.csv", text);
  std::vector<const char*> part_of(model.nodes, "none");
  for (const auto& [part, name] : {std::pair{&graph.train, "train"}, std::pair{&graph.validation, "val"},
                                   std::pair{&graph.test, "test"}}) {
    for (const std::uint32_t node : *part) {
      part_of[node] = name;
    }
  }
  text = "node,split\n";
  for (std::uint32_t node = 0; node < model.nodes; ++node) {
    fmt::format_to(std::back_inserter(text), "{},{}\n", node, part_of[node]);
  }
  write_output(folder + "/split.csv", text);
}

}  // namespace lacuna
