#include "sim/graph/graph_file.h"

#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/graph/node_labels.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

using Neighbours = std::vector<std::uint32_t>;

GraphSource source_of(const std::string& path) {
  GraphSource source;
  source.edges.resolved = path;
  return source;
}

/// The message of a graph that is refused.
std::string refusal(const GraphSource& source, std::uint32_t nodes) {
  try {
    load_graph(source, nodes);
  } catch (const InputDataError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refused_csv(const test::TemporaryFolder& folder, const std::string& edges, std::uint32_t nodes) {
  return refusal(source_of(folder.write("edges.csv", "u,v\n" + edges)), nodes);
}

std::string refused_mtx(const test::TemporaryFolder& folder, const std::string& entries,
                        bool directed = false) {
  GraphSource source =
      source_of(folder.write("a.mtx", "%%MatrixMarket matrix coordinate pattern general\n" + entries));
  source.directed = directed;
  return refusal(source, 3);
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an undirected graph has each edge of its file in both directions, and self-loops") {
  const test::TemporaryFolder folder;
  GraphSource source = source_of(folder.write("edges.csv", "u,v\n0,2\n1,2\n"));
  const Graph graph = load_graph(source, 3);
  CHECK(graph.starts == std::vector<std::uint64_t>{0, 2, 4, 7});
  CHECK(graph.neighbours == Neighbours{0, 2, 1, 2, 0, 1, 2});
  source.self_loops = false;
  CHECK(load_graph(source, 3).neighbours == Neighbours{2, 2, 0, 1});
  source.directed = true;
  const Graph directed = load_graph(source, 3);
  CHECK(directed.starts == std::vector<std::uint64_t>{0, 0, 0, 2});
  CHECK(directed.neighbours == Neighbours{0, 1});
  const DegreeSummary degrees = degree_summary(graph);
  CHECK(degrees.least == 2);
  CHECK(degrees.most == 3);
  CHECK(degrees.mean == Approx(7.0 / 3.0));
  CHECK(degrees.hub_share == Approx(3.0 / 7.0));
}

TEST_CASE("a matrix is a graph whose rows take features") {
  const test::TemporaryFolder folder;
  GraphSource source =
      source_of(folder.write("a.mtx", "%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 3\n2 3\n"));
  source.self_loops = false;
  source.directed = true;
  const Graph graph = load_graph(source, 3);
  CHECK(graph.starts == std::vector<std::uint64_t>{0, 1, 2, 2});
  CHECK(graph.neighbours == Neighbours{2, 2});
}

TEST_CASE("damaged graphs are refused with file, place and reason") {
  const test::TemporaryFolder folder;
  CHECK(contains(refused_csv(folder, "0,1\n1,3\n", 3), "edges.csv:3: v: is 3; nodes from 0 to 2"));
  CHECK(contains(refused_csv(folder, "0,1\n-1,2\n", 3), "edges.csv:3: u: is -1"));
  CHECK(contains(refused_csv(folder, "0,1.5\n", 3), "v: is 1.5"));
  CHECK(contains(refused_csv(folder, "0,1\n1,2\n1,0\n", 3),
                 "edges.csv:4: the edge between 0 and 1 stands in line 2, too"));
  CHECK(contains(refused_csv(folder, "0,1\n2,2\n", 3), "edges.csv:3: node 2 is its own neighbour"));
  CHECK(contains(refused_csv(folder, "0,1\n", 4), "2 nodes have no edge, node 2 among them"));
  CHECK(contains(refused_mtx(folder, "3 3 3\n1 2\n2 1\n2 3\n"),
                 "is not symmetric: row 1 has column 2, row 2 has no column 1"));
  CHECK(refused_mtx(folder, "3 3 3\n1 2\n2 1\n2 3\n", true) == "accepted");
  CHECK(contains(refused_mtx(folder, "3 4 1\n1 2\n"), "is a matrix of 3x4"));
  CHECK(contains(refused_mtx(folder, "3 3 5\n1 2\n2 1\n1 2\n2 3\n3 2\n"), "has 1 entries twice"));
  CHECK(contains(refusal(source_of(folder.write("w.mtx",
                                                "%%MatrixMarket matrix coordinate real symmetric\n"
                                                "3 3 2\n2 1 1\n3 2 0.5\n")),
                         3),
                 "the entry in row 2, column 1 is 0.5"));
  CHECK(contains(refusal(source_of(folder.file("edges.csv")), (1U << 24U) + 1U),
                 "is a graph of 16777217 nodes"));
  CHECK(contains(refusal(source_of(folder.write("edges.txt", "u,v\n0,1\n")), 2), "is no file of edges"));
}

TEST_CASE("duplicates and isolated nodes are accepted where that is said") {
  const test::TemporaryFolder folder;
  GraphSource source = source_of(folder.write("edges.csv", "u,v\n0,1\n1,0\n0,1\n"));
  source.allow_duplicates = true;
  source.allow_isolated = true;
  const Graph graph = load_graph(source, 3);
  CHECK(graph.starts == std::vector<std::uint64_t>{0, 2, 4, 5});
}

TEST_CASE("classes of the nodes of a part") {
  const test::TemporaryFolder folder;
  const std::string labels = folder.write("labels.csv", "node,label\n0,1\n2,0\n1,4\n");
  const std::string split = folder.write("split.csv", "node,split\n2,test\n0,test\n1,train\n");
  const std::vector<NodeLabel> test = read_node_labels(labels, split, "test", 3);
  REQUIRE(test.size() == 2);
  CHECK(test[0].node == 0);
  CHECK(test[0].label == 1);
  CHECK(test[1].node == 2);
  CHECK(test[1].label == 0);
  CHECK(read_node_labels(labels, "", "", 3).size() == 3);
  const auto refused = [&](const std::string& l, const std::string& s, const std::string& part) {
    try {
      read_node_labels(l, s, part, 3);
    } catch (const InputDataError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(
      contains(refused(labels, split, "val"), "no node is in the part 'val'; one of its parts: test, train"));
  CHECK(contains(refused(folder.write("few.csv", "node,label\n0,1\n"), split, "test"),
                 "split.csv:2: node 2 of the part 'test' has no label"));
  CHECK(
      contains(refused(folder.write("twice.csv", "node,label\n0,1\n0,1\n"), "", ""), "node 0 stands twice"));
  CHECK(contains(refused(folder.write("minus.csv", "node,label\n0,-1\n"), "", ""), "label: is -1"));
}
