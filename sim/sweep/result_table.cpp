#include "sim/sweep/result_table.h"

#include <algorithm>
#include <set>
#include <variant>

#include <boost/algorithm/string/case_conv.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

/// A name in SQL, whatever it holds.
std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

std::vector<std::string> column_names(const Sweep& sweep) {
  std::vector<std::string> names = {"point"};
  for (const Axis& axis : sweep.axes()) {
    names.push_back(axis.key);
  }
  names.insert(names.end(), {"status", "reason"});
  const auto& metrics = sweep.space->metric_names();
  names.insert(names.end(), metrics.begin(), metrics.end());
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(boost::to_lower_copy(name)).second) {
      throw ConfigurationError({{}, 0, "--results"},
                               fmt::format("sqlite does not tell apart two columns called '{}'", name),
                               "csv, json or jsonl");
    }
  }
  return names;
}

class TableWriter : public ResultWriter {
 public:
  TableWriter(const Sweep& sweep, const std::string& path) : sweep_(sweep), path_(path), pending_(path) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(pending_.temporary_path().c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(database);
    check(code);
    create();
  }

  std::string text(const PointResult& /*result*/) const override { return {}; }
  void add(const PointResult& result, const std::string& /*text*/) override {
    sqlite3_stmt* const row = insert_.get();
    check(sqlite3_reset(row));
    column_ = 0;
    bind(static_cast<std::int64_t>(result.point.number));
    for (std::size_t i = 0; i < sweep_.axes().size(); ++i) {
      bind(sweep_.axes()[i].values[result.point.choices[i]]);
    }
    bind(std::string(status_name(result.status)));
    if (result.reason.empty()) {
      bind_null();
    } else {
      bind(result.reason);
    }
    for (std::size_t i = 0; i < sweep_.space->metric_names().size(); ++i) {
      if (result.metrics.empty()) {
        bind_null();
      } else {
        bind(result.metrics[i]);
      }
    }
    check(sqlite3_step(row));
  }

  void commit(const std::vector<std::uint64_t>& front) override {
    insert_.reset();
    const Statement statement = prepare("INSERT INTO front (point) VALUES (?)");
    for (const std::uint64_t point : front) {
      check(sqlite3_bind_int64(statement.get(), 1, static_cast<std::int64_t>(point)));
      check(sqlite3_step(statement.get()));
      check(sqlite3_reset(statement.get()));
    }
    execute("COMMIT");
    database_.reset();
    pending_.commit();
  }

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct FinaliseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinaliseStatement>;

  void check(int code) const {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
      throw InputDataError({path_, 0, {}}, database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code),
                           "a writable folder with room for it");
    }
  }
  void execute(const std::string& sql) const {
    check(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }
  Statement prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr));
    return Statement(statement);
  }

  /// The file has another name until it is whole, so that nothing needs to be taken back or waited for.
  void create() {
    execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    std::string columns;
    std::string places;
    for (const std::string& name : column_names(sweep_)) {
      columns += columns.empty() ? sql_name(name) + " INTEGER PRIMARY KEY" : ", " + sql_name(name);
      places += places.empty() ? "?" : ", ?";
    }
    execute("CREATE TABLE sweep (head TEXT NOT NULL)");
    execute("CREATE TABLE results (" + columns + ")");
    execute("CREATE TABLE front (point INTEGER PRIMARY KEY)");
    execute("CREATE VIEW pareto AS SELECT results.* FROM front JOIN results USING (point)");
    const Statement statement = prepare("INSERT INTO sweep (head) VALUES (?)");
    const std::string head = results_head(sweep_).dump(-1, ' ', false, Json::error_handler_t::replace);
    check(sqlite3_bind_text(statement.get(), 1, head.data(), static_cast<int>(head.size()), SQLITE_STATIC));
    check(sqlite3_step(statement.get()));
    insert_ = prepare("INSERT INTO results VALUES (" + places + ")");
  }

  using Json = nlohmann::ordered_json;

  void bind_null() { check(sqlite3_bind_null(insert_.get(), ++column_)); }
  void bind(std::int64_t value) { check(sqlite3_bind_int64(insert_.get(), ++column_, value)); }
  void bind(double value) { check(sqlite3_bind_double(insert_.get(), ++column_, value)); }
  void bind(const std::string& value) {
    check(sqlite3_bind_text(insert_.get(), ++column_, value.data(), static_cast<int>(value.size()),
                            SQLITE_TRANSIENT));
  }
  void bind(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(INT64_MAX)) {
      bind(static_cast<double>(value));
    } else {
      bind(static_cast<std::int64_t>(value));
    }
  }
  void bind(const MetricValue& value) {
    if (const auto* whole = std::get_if<std::uint64_t>(&value)) {
      bind(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      bind(*real);
    } else {
      bind_null();
    }
  }
  /// Of an axis: a number, a truth value (0 or 1), or text.
  void bind(const Json& value) {
    if (value.is_boolean()) {
      bind(std::int64_t{value.get<bool>()});
    } else if (value.is_number_unsigned()) {
      bind(value.get<std::uint64_t>());
    } else if (value.is_number_integer()) {
      bind(value.get<std::int64_t>());
    } else if (value.is_number()) {
      bind(value.get<double>());
    } else {
      bind(value.is_string() ? value.get<std::string>() : value.dump());
    }
  }

  const Sweep& sweep_;
  const std::string path_;
  PendingFile pending_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement insert_;
  int column_ = 0;  ///< bound last
};

}  // namespace

std::unique_ptr<ResultWriter> make_table_writer(const Sweep& sweep, const std::string& path) {
  return std::make_unique<TableWriter>(sweep, path);
}

}  // namespace lacuna
