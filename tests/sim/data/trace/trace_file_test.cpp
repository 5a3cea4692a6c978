#include "sim/data/trace/trace_file.h"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/file_bytes.h"
#include "tests/sim/data/trace/small_trace.h"

using namespace lacuna;
using test::message_of;

namespace {

Trace random_trace(std::uint64_t seed) {
  boost::random::mt19937_64 engine(seed);
  const auto below = [&engine](std::uint32_t bound) {
    return boost::random::uniform_int_distribution<std::uint32_t>(0, bound - 1)(engine);
  };
  Trace trace;
  trace.has_bias = below(2) == 0;
  trace.matrix.rows = 1 + below(300);
  trace.matrix.columns = 2 + below(300);
  const std::uint32_t values = 2 + below(255);
  const std::uint32_t keep = below(4);
  for (std::uint32_t column = 0; column < trace.matrix.columns; ++column) {
    for (std::uint32_t row = 0; row < trace.matrix.rows; ++row) {
      if (below(3) < keep) {
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(static_cast<std::uint8_t>(1 + below(values - 1)));
      }
    }
    trace.matrix.column_starts.push_back(trace.matrix.codes.size());
  }
  trace.codebook.assign(values, 0.125F);
  trace.codebook[0] = 0.0F;
  trace.activations.vectors = 1 + below(4);
  trace.activations.inputs = trace.inputs();
  for (std::uint32_t i = 0; i < trace.activations.vectors * trace.activations.inputs; ++i) {
    trace.activations.values.push_back(static_cast<float>(below(1000)) / 7.0F);
  }
  return trace;
}

/// Three columns, nearly full.
Trace tall_trace(std::uint32_t rows) {
  Trace trace;
  trace.matrix.rows = rows;
  trace.matrix.columns = 3;
  for (std::uint32_t column = 0; column < 3; ++column) {
    for (std::uint32_t row = column; row < trace.matrix.rows; ++row) {
      trace.matrix.row_indices.push_back(row);
      trace.matrix.codes.push_back(static_cast<std::uint8_t>(1 + row % 3));
    }
    trace.matrix.column_starts.push_back(trace.matrix.codes.size());
  }
  trace.codebook = {0.0F, 1.0F, 2.0F, 3.0F};
  trace.activations = {1, 3, {1.0F, 2.0F, 3.0F}};
  return trace;
}

constexpr TraceCompression compressions[] = {TraceCompression::none, TraceCompression::fast,
                                             TraceCompression::small};

}  // namespace

TEST_CASE("a trace is read as it was written") {
  const test::TemporaryFolder folder;
  write_trace(test::small_trace(), folder.file("t.h5"));
  CHECK(test::same(read_trace(folder.file("t.h5")), test::small_trace()));
  CHECK(folder.file_count() == 1);
}

TEST_CASE("random traces, full and empty ones too, are read as they were written") {
  const test::TemporaryFolder folder;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Trace trace = random_trace(seed);
    for (const TraceCompression compression : compressions) {
      write_trace(trace, folder.file("t.h5"), compression);
      REQUIRE(test::same(read_trace(folder.file("t.h5")), trace));
    }
  }
}

TEST_CASE("traces of all compressions hold the same, in sizes that follow from their types") {
  const test::TemporaryFolder folder;
  const Trace trace = tall_trace(60000);  // rows that 16 bits count
  const auto written = [&](TraceCompression compression) {
    write_trace(trace, folder.file("t.h5"), compression);
    CHECK(test::same(read_trace(folder.file("t.h5")), trace));
    return test::read_all(folder.file("t.h5")).size();
  };
  const std::uint64_t nonzeros = trace.matrix.nonzeros();
  const std::size_t none = written(TraceCompression::none);
  CHECK(none > 5 * nonzeros);
  CHECK(none < 5 * nonzeros + 10000);
  const std::size_t fast = written(TraceCompression::fast);
  CHECK(fast > 3 * nonzeros);
  CHECK(fast < 3 * nonzeros + 400000);  // whole chunks
  CHECK(written(TraceCompression::small) < nonzeros);
}

TEST_CASE("a layer of more elements than a chunk is read as it was written") {
  const test::TemporaryFolder folder;
  const Trace trace = tall_trace(100000);
  for (const TraceCompression compression : compressions) {
    write_trace(trace, folder.file("t.h5"), compression);
    CHECK(test::same(read_trace(folder.file("t.h5")), trace));
  }
}

TEST_CASE("the same trace gives the same bytes, another one others") {
  const test::TemporaryFolder folder;
  write_trace(test::small_trace(), folder.file("a.h5"));
  write_trace(random_trace(1), folder.file("between.h5"));
  write_trace(test::small_trace(), folder.file("b.h5"));
  Trace other = test::small_trace();
  other.codebook[1] = 0.75F;
  write_trace(other, folder.file("c.h5"));
  CHECK(test::read_all(folder.file("a.h5")) == test::read_all(folder.file("b.h5")));
  CHECK(test::read_all(folder.file("a.h5")) != test::read_all(folder.file("c.h5")));
}

TEST_CASE("an output file appears whole or not at all") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_AS(write_trace(test::small_trace(), folder.file("no/such/folder.h5")), InputDataError);
  Trace bad = test::small_trace();
  bad.matrix.codes[0] = 200;
  CHECK_THROWS_AS(write_trace(bad, folder.file("t.h5")), InputDataError);
  bad = test::small_trace();
  bad.provenance["note"] = "two\nlines";
  CHECK_THROWS_AS(write_trace(bad, folder.file("t.h5")), InputDataError);
  bad.provenance["note"] = std::string(20000, 'x');
  CHECK_THROWS_AS(write_trace(bad, folder.file("t.h5")), InputDataError);
  CHECK(folder.file_count() == 0);
  write_trace(test::small_trace(), folder.file("t.h5"));
  const test::Bytes before = test::read_all(folder.file("t.h5"));
  CHECK_THROWS_AS(write_trace(bad, folder.file("t.h5")), InputDataError);
  CHECK(test::read_all(folder.file("t.h5")) == before);
  std::filesystem::create_directory(folder.file("d"));
  CHECK_THROWS_AS(write_trace(test::small_trace(), folder.file("d")), InputDataError);
  CHECK(folder.file_count() == 2);
}

TEST_CASE("check_trace names what is inconsistent") {
  const auto message = [](void (*spoil)(Trace&)) {
    Trace trace = test::small_trace();
    spoil(trace);
    return message_of<InputDataError>([&trace] { check_trace(trace, "f.h5"); });
  };
  CHECK(message([](Trace&) {}).empty());
  CHECK_THAT(message([](Trace& t) { t.matrix.rows = 0; }), Catch::StartsWith("f.h5: matrix/shape: 0 rows"));
  CHECK_THAT(message([](Trace& t) { t.matrix.rows = 3; }),
             Catch::Contains("matrix/indices: element 1: row 3"));
  CHECK_THAT(message([](Trace& t) { t.matrix.columns = 5; }), Catch::Contains("matrix/indptr: 5 elements"));
  CHECK_THAT(message([](Trace& t) { t.matrix.columns = 1; }), Catch::Contains("matrix/shape: 1 columns"));
  CHECK_THAT(message([](Trace& t) { t.matrix.column_starts[0] = 1; }),
             Catch::Contains("does not start at 0"));
  CHECK_THAT(message([](Trace& t) { t.matrix.column_starts[1] = 3; }), Catch::Contains("goes backwards"));
  CHECK_THAT(message([](Trace& t) { t.matrix.column_starts[1] = 99; }), Catch::Contains("goes backwards"));
  CHECK_THAT(message([](Trace& t) { t.matrix.column_starts[4] = 4; }), Catch::Contains("ends at 4"));
  CHECK_THAT(message([](Trace& t) { t.matrix.row_indices[4] = 0; }), Catch::Contains("does not ascend"));
  CHECK_THAT(message([](Trace& t) { t.matrix.codes[2] = 0; }),
             Catch::Contains("matrix/data: element 2: code 0"));
  CHECK_THAT(message([](Trace& t) { t.matrix.codes[2] = 4; }),
             Catch::Contains("matrix/data: element 2: code 4"));
  CHECK_THAT(message([](Trace& t) { t.matrix.codes.pop_back(); }),
             Catch::Contains("matrix/data: 4 elements"));
  CHECK_THAT(message([](Trace& t) { t.codebook[0] = 1.0F; }),
             Catch::Contains("codebook: element 0 is not 0"));
  CHECK_THAT(message([](Trace& t) { t.codebook[2] = NAN; }),
             Catch::Contains("codebook: element 2: not a finite"));
  CHECK_THAT(message([](Trace& t) { t.codebook = {0.0F}; }), Catch::Contains("codebook: 1 elements"));
  CHECK_THAT(message([](Trace& t) { t.codebook.resize(257); }), Catch::Contains("codebook: 257 elements"));
  CHECK_THAT(message([](Trace& t) { t.activations.values[3] = INFINITY; }),
             Catch::Contains("activations: element 3: not a finite"));
  CHECK_THAT(message([](Trace& t) { t.activations.vectors = 0; }), Catch::Contains("activations: no vector"));
  CHECK_THAT(message([](Trace& t) { t.activations.inputs = 4; }), Catch::Contains("activations: 4 inputs"));
  CHECK_THAT(message([](Trace& t) { t.activations.values.pop_back(); }),
             Catch::Contains("activations: 5 values"));
  CHECK_THAT(message([](Trace& t) { t.labels.push_back(1); }), Catch::Contains("labels: 3 labels"));
}
