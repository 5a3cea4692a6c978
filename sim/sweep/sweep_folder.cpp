#include "sim/sweep/sweep_folder.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include "models/common/error.h"
#include "models/common/text.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw InputDataError({path, 0, {}}, why, "a folder that can be made or written");
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

SweepFolder::SweepFolder(const std::string& path) : path_(path) {
  make();
  check_contents();
  lock();
  remove_unfinished();
}

SweepFolder::~SweepFolder() {
  close(descriptor_);
}

void SweepFolder::make() const {
  std::error_code error;
  if (!fs::exists(path_, error)) {
    fs::create_directory(path_, error);
    if (error) {
      refuse(path_, "cannot be made: " + error.message());
    }
  } else if (!fs::is_directory(path_, error)) {
    throw ConfigurationError({path_, 0, "--out"}, "is no folder", "a folder of its own for each sweep");
  }
}

void SweepFolder::check_contents() const {
  std::error_code error;
  if (fs::exists(file(sweep_store_file), error)) {
    return;
  }
  const fs::directory_iterator entries(path_, error);
  if (error) {
    refuse(path_, "cannot be read: " + error.message());
  }
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name != sweep_lock_file && name != std::string(sweep_store_file) + "-journal") {
      throw ConfigurationError({path_, 0, "--out"},
                               fmt::format("holds '{}', but no results of a sweep", cut(name, 80)),
                               "an empty folder, one that does not exist, or that of the same sweep");
    }
  }
}

/// A record lock: it ends with the process however that ends, and child processes do not inherit it.
void SweepFolder::lock() {
  const std::string name = file(sweep_lock_file);
  descriptor_ = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  struct flock record = {};
  record.l_type = F_WRLCK;
  record.l_whence = SEEK_SET;
  if (descriptor_ >= 0 && fcntl(descriptor_, F_SETLK, &record) == 0) {
    return;
  }
  const int reason = errno;
  const bool is_held = descriptor_ >= 0 && (reason == EACCES || reason == EAGAIN);
  close(descriptor_);
  if (!is_held) {
    refuse(name, fmt::format("cannot be opened and locked: {}", std::strerror(reason)));
  }
  throw ConfigurationError({path_, 0, "--out"}, "another process is running a sweep in this folder",
                           "wait for its end, or take another folder");
}

void SweepFolder::remove_unfinished() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    for (const std::string result :
         {sweep_csv_file, sweep_json_file, sweep_json_lines_file, sweep_table_file, sweep_front_file}) {
      if (name.rfind(result + ".", 0) == 0 && ends_with(name, ".tmp")) {
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
      }
    }
  }
}

namespace {

/// SQLite keeps these two numbers in the head of its files.
constexpr std::int64_t application_id = 0x4c616375;  // "Lacu"
constexpr std::int64_t schema_version = 1;

std::string text_column(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const int size = sqlite3_column_bytes(statement, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace

void SweepStore::CloseDatabase::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

void SweepStore::FinaliseStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SweepStore::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) {
    return;
  }
  if (code == SQLITE_NOTADB) {
    throw ConfigurationError({path_, 0, {}}, "is not the store of a sweep", "another folder for --out");
  }
  if (code == SQLITE_BUSY) {
    throw ConfigurationError({path_, 0, {}}, "another process is at work on it", "wait for its end");
  }
  throw InputDataError({path_, 0, {}}, database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code),
                       "a readable store in a writable folder with room for it");
}

void SweepStore::execute(const char* sql) const {
  check(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

SweepStore::Statement SweepStore::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr));
  return Statement(statement);
}

std::int64_t SweepStore::number(const char* sql) const {
  const Statement statement = prepare(sql);
  check(sqlite3_step(statement.get()));
  return sqlite3_column_int64(statement.get(), 0);
}

SweepStore::SweepStore(const std::string& path, const std::string& sweep_hash, Access access) : path_(path) {
  sqlite3* database = nullptr;
  std::error_code error;
  if (access == Access::any_sweep && !fs::exists(path, error)) {
    throw ConfigurationError({path, 0, "--reuse"}, "is not there", "the folder of another sweep");
  }
  // A store that is only read is opened for writing too: SQLite takes back what a killed sweep had begun.
  const int create_flag = access == Access::make ? SQLITE_OPEN_CREATE : 0;
  const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | create_flag, nullptr);
  database_.reset(database);
  check(code);
  constexpr int patience_ms = 5000;
  check(sqlite3_busy_timeout(database, patience_ms));
  // Locks are kept once they are taken: else each point costs four, which file servers have to grant.
  execute("PRAGMA locking_mode = EXCLUSIVE");
  if (number("SELECT count(*) FROM sqlite_master") == 0) {
    if (access != Access::make) {
      throw InputDataError({path_, 0, {}}, "is empty", "the store of a sweep");
    }
    create(sweep_hash);
  } else {
    open(access == Access::any_sweep ? std::nullopt : std::optional<std::string>(sweep_hash));
    if (access != Access::make) {
      check_pages();
    }
  }
  insert_ = prepare("INSERT OR REPLACE INTO points (hash, error, counts) VALUES (?, ?, ?)");
  select_ = prepare("SELECT error, counts FROM points WHERE hash = ?");
  find_ = prepare("SELECT 1 FROM points WHERE hash = ?");
}

SweepStore::~SweepStore() = default;

/// All in one transaction: a store is whole or not there.
void SweepStore::create(const std::string& sweep_hash) {
  execute("BEGIN IMMEDIATE");
  execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, schema_version)
              .c_str());
  execute(
      "CREATE TABLE sweep (hash TEXT NOT NULL);"
      "CREATE TABLE points (hash TEXT PRIMARY KEY, error TEXT NOT NULL, counts BLOB NOT NULL) WITHOUT "
      "ROWID;");
  const Statement statement = prepare("INSERT INTO sweep (hash) VALUES (?)");
  check(sqlite3_bind_text(statement.get(), 1, sweep_hash.data(), static_cast<int>(sweep_hash.size()),
                          SQLITE_STATIC));
  check(sqlite3_step(statement.get()));
  execute("COMMIT");
}

void SweepStore::open(const std::optional<std::string>& sweep_hash) {
  if (number("PRAGMA application_id") != application_id) {
    throw ConfigurationError({path_, 0, {}}, "is not the store of a sweep", "another folder for --out");
  }
  const std::int64_t version = number("PRAGMA user_version");
  if (version != schema_version) {
    throw ConfigurationError(
        {path_, 0, {}}, fmt::format("has the store format {}", version),
        fmt::format("this program reads and writes format {}; take another folder", schema_version));
  }
  const Statement statement = prepare("SELECT hash FROM sweep");
  check(sqlite3_step(statement.get()));
  if (sweep_hash && text_column(statement.get(), 0) != *sweep_hash) {
    throw ConfigurationError({path_, 0, {}},
                             "holds the results of another sweep (other axes, sampling, machine, workload, "
                             "input files, engine or program version)",
                             "another folder for --out, or the sweep that made it");
  }
}

void SweepStore::check_pages() const {
  // SQLite fills up a last page that is cut with zeros, where counts may have stood.
  const std::int64_t bytes = number("PRAGMA page_count") * number("PRAGMA page_size");
  std::error_code error;
  const bool is_cut = fs::file_size(path_, error) < static_cast<std::uint64_t>(bytes);
  const Statement statement = prepare("PRAGMA quick_check(1)");
  check(sqlite3_step(statement.get()));
  if (error || is_cut || text_column(statement.get(), 0) != "ok") {
    throw InputDataError({path_, 0, {}}, "is damaged", "a whole store; run its shard again in a new folder");
  }
}

void SweepStore::for_each(
    const std::function<void(const std::string& hash, const PointOutcome& outcome)>& action) const {
  const Statement statement = prepare("SELECT hash, error, counts FROM points ORDER BY hash");
  int code = sqlite3_step(statement.get());
  for (; code == SQLITE_ROW; code = sqlite3_step(statement.get())) {
    action(text_column(statement.get(), 0),
           {text_column(statement.get(), 1), text_column(statement.get(), 2)});
  }
  check(code);
}

bool SweepStore::is_empty() const {
  return number("SELECT EXISTS (SELECT 1 FROM points)") == 0;
}

bool SweepStore::has(const std::string& hash) const {
  sqlite3_stmt* const statement = find_.get();
  check(sqlite3_reset(statement));
  check(sqlite3_bind_text(statement, 1, hash.data(), static_cast<int>(hash.size()), SQLITE_TRANSIENT));
  const int code = sqlite3_step(statement);
  check(code);
  check(sqlite3_reset(statement));
  return code == SQLITE_ROW;
}

void SweepStore::put(const std::string& hash, const PointOutcome& outcome) {
  if (!in_transaction_) {
    execute("BEGIN IMMEDIATE");
    in_transaction_ = true;
  }
  sqlite3_stmt* const statement = insert_.get();
  check(sqlite3_reset(statement));
  check(sqlite3_bind_text(statement, 1, hash.data(), static_cast<int>(hash.size()), SQLITE_STATIC));
  check(sqlite3_bind_text(statement, 2, outcome.error.data(), static_cast<int>(outcome.error.size()),
                          SQLITE_STATIC));
  check(sqlite3_bind_blob64(statement, 3, outcome.counts.data(), outcome.counts.size(), SQLITE_STATIC));
  check(sqlite3_step(statement));
  check(sqlite3_reset(statement));
  check(sqlite3_clear_bindings(statement));
}

/// Without room SQLite may have taken the transaction back by itself; the error was thrown then.
void SweepStore::commit() {
  if (in_transaction_ && sqlite3_get_autocommit(database_.get()) == 0) {
    execute("COMMIT");
  }
  in_transaction_ = false;
}

std::optional<PointOutcome> SweepStore::get(const std::string& hash) const {
  sqlite3_stmt* const statement = select_.get();
  check(sqlite3_reset(statement));
  check(sqlite3_bind_text(statement, 1, hash.data(), static_cast<int>(hash.size()), SQLITE_TRANSIENT));
  const int code = sqlite3_step(statement);
  check(code);
  if (code != SQLITE_ROW) {
    return std::nullopt;
  }
  PointOutcome outcome{text_column(statement, 0), text_column(statement, 1)};
  check(sqlite3_reset(statement));
  return outcome;
}

}  // namespace lacuna
