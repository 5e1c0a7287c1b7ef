// SPDX-License-Identifier: Apache-2.0
#include "api/ingest.h"

#include <thread>
#include <unordered_set>

#include "api/line_protocol.h"
#include "api/series_cache.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

constexpr Duration kDurableWithin = std::chrono::seconds(10);
/// How long a full queue or pool is waited for before the client is told to come back.
constexpr Duration kRoomWithin = std::chrono::seconds(2);
/// Samples looked up and sent in one go; bounds memory and the size of a registration.
constexpr std::size_t kSlice = 8192;
constexpr std::size_t kMaxName = 200;

/// Counts the blocks of one request. Shared by the request and the lanes, since a request may give up first.
class Pending final : public model::DurableListener {
 public:
  void sent() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  void unsent() {
    const std::lock_guard lock(mutex_);
    --open_;
  }
  void on_durable(std::uint64_t, const Result<>& outcome) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      --open_;
      if (!outcome && !failed_) failed_ = outcome.error();
    }
    done_.notify_all();
  }
  Result<> wait(Duration timeout) {
    std::unique_lock lock(mutex_);
    if (!done_.wait_for(lock, timeout, [&] { return open_ == 0; }))
      return fail(Errc::unavailable, "store.timeout", "The samples were not durable in time; send them again.");
    if (failed_) return fail(Error(*failed_));
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t open_ = 0;
  std::optional<Error> failed_;
};

/// One value on its way to a block.
struct Staged {
  SeriesCache::Key key;
  model::PointId point;
  model::ValueType type;
  std::uint64_t bits;
  Timestamp time;
  std::string_view text;  ///< in the request's body
  std::size_t line;
};

/// A name the registry takes: readable, and short by a hash of the rest.
std::string bounded_name(std::string name) {
  if (name.size() <= kMaxName) return name;
  std::size_t cut = kMaxName - 20;
  while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xc0) == 0x80) --cut;
  return karez::format("{}~{:016x}", name.substr(0, cut), xxh3(as_bytes(name)));
}

}  // namespace

/// One bucket: the writer of its points.
class Ingest::Source {
 public:
  /// What the lanes know a writer by; it passes on when a source is forgotten for another one.
  struct Writer {
    model::SourceId source;
    std::uint64_t seq = 0;
  };
  Source(Services& services, const std::function<void(model::TenantId)>& changed, model::TenantId tenant,
         std::string name, Writer writer)
      : services_(services), changed_(changed), tenant_(tenant), name_(std::move(name)), writer_(writer) {}

  Writer writer() {
    const std::lock_guard lock(mutex_);
    return writer_;
  }

  /// Everything of a body sent to the lanes; `pending` knows when it is durable.
  Result<> send(std::string_view body, std::int64_t unit, const std::shared_ptr<Pending>& pending, Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    pending_ = pending;
    outcome_ = &outcome;
    bad_line_ = 0;
    auto done = read(body, unit, outcome);
    // Whatever happened: nothing of this body may be left, its texts are gone with it.
    staged_.clear();
    forget_wanted();
    block_ = {};
    pending_ = nullptr;
    outcome_ = nullptr;
    return done;
  }

  void forget() {
    const std::lock_guard lock(mutex_);
    cache_.clear();
  }

 private:
  Result<> read(std::string_view body, std::int64_t unit, Outcome& outcome) {
    const Timestamp now = services_.clock.now();
    LineReader reader(body, unit);
    LineFault fault;
    for (auto step = reader.next(line_, fault); step != LineReader::Step::end; step = reader.next(line_, fault)) {
      if (step == LineReader::Step::fault) {
        ++outcome.lines_bad;
        outcome.faults.add({.slug = fault.slug,
                            .pointer = {},
                            .text = fault.text,
                            .value = {},
                            .expected = {},
                            .line = fault.line,
                            .column = fault.column});
        continue;
      }
      ++outcome.lines_ok;
      stage(now);
      if (staged_.size() >= kSlice) KZ_CHECK(flush(now));
    }
    return flush(now);
  }

  void forget_wanted() {
    names_.clear();
    keys_.clear();
    wanted_.clear();
  }

  /// A line with something wrong in it is dropped as a whole.
  void stage(Timestamp now) {
    const SeriesCache::Key series = SeriesCache::key_of(line_.series);
    const Timestamp time = line_.time.value_or(now);
    const std::size_t first = staged_.size();
    for (const LineField& f : line_.fields) {
      const SeriesCache::Key key = SeriesCache::field_key(series, f.key);
      const SeriesCache::Entry* known = cache_.find(key);
      if (known && known->type != f.type) refuse(line_.number, "line.type_conflict", f.key);
      if (!known) missing(key, f);
      if (f.type == model::ValueType::text) check_text(f);
      if (bad_line_ == line_.number) {
        staged_.resize(first);
        return;
      }
      staged_.push_back({key, known ? known->point : model::PointId{}, f.type, f.bits, time, f.text, line_.number});
    }
  }

  void check_text(const LineField& f) {
    unescape_text(f.text, text_);
    if (!is_utf8(text_)) refuse(line_.number, "line.utf8", {}, "A text must be UTF-8.");
    else if (text_.size() > model::SampleBatch::kMaxText) refuse(line_.number, "line.text_too_long", {});
  }

  /// One entry of `faults` for each line.
  void refuse(std::size_t line, std::string_view slug, std::string_view value, std::string_view text = {}) {
    if (line == bad_line_) return;
    bad_line_ = line;
    --outcome_->lines_ok;
    ++outcome_->lines_bad;
    outcome_->faults.add({.slug = std::string(slug),
                          .pointer = {},
                          .text = std::string(text),
                          .value = std::string(value.substr(0, 100)),
                          .expected = {},
                          .line = line,
                          .column = 0});
  }

  void missing(SeriesCache::Key key, const LineField& f) {
    if (wanted_.contains(key.a ^ key.b)) return;
    const std::string_view tags =
        line_.series.size() > line_.measurement ? line_.series.substr(line_.measurement + 1) : std::string_view{};
    auto sorted = sorted_tags(tags);
    if (!sorted) {
      refuse(line_.number, sorted.error().slug(), line_.series, sorted.error().text());
      return;
    }
    std::string name = unescape_name(f.key);
    if (!sorted->empty()) name += "{" + *sorted + "}";
    name = bounded_name(std::move(name));
    std::string group = bounded_name(name_ + "/" + unescape_name(line_.series.substr(0, line_.measurement)));
    if (!is_printable_name(name) || !is_printable_name(group)) {
      refuse(line_.number, "line.name", {}, "Names must be UTF-8 without control characters.");
      return;
    }
    wanted_.insert(key.a ^ key.b);
    names_.push_back({.group = std::move(group), .name = std::move(name), .type = f.type, .unit = {}});
    keys_.push_back(key);
  }

  Result<> flush(Timestamp now) {
    if (staged_.empty()) return {};
    KZ_CHECK(register_wanted());
    drop_refused();
    for (const Staged& s : staged_) KZ_CHECK(put(s, now));
    staged_.clear();
    return submit();
  }

  Result<> register_wanted() {
    if (names_.empty()) return {};
    KZ_TRY(const auto ids, services_.registry.register_series(tenant_, names_));
    for (std::size_t i = 0; i < ids.size() && i < keys_.size(); ++i)
      if (ids[i]) cache_.put(keys_[i], ids[i], names_[i].type);
    forget_wanted();
    changed_(tenant_);
    return {};
  }

  /// Gives points to what is new. A name that turned out to have another type takes its whole line away.
  void drop_refused() {
    bad_line_ = 0;
    std::vector<std::size_t> refused;
    for (Staged& s : staged_) {
      if (s.point) continue;
      const SeriesCache::Entry* known = cache_.find(s.key);
      if (known && known->type == s.type) {
        s.point = known->point;
      } else {
        refuse(s.line, "line.type_conflict", {});
        refused.push_back(s.line);
      }
    }
    if (!refused.empty())
      std::erase_if(staged_, [&](const Staged& s) { return std::ranges::binary_search(refused, s.line); });
  }

  Result<> put(const Staged& s, Timestamp now) {
    model::Sample sample{
        .time = s.time, .bits = s.bits, .point = s.point, .quality = model::quality::kGood, .type = s.type, .flags = 0};
    const bool text = s.type == model::ValueType::text;
    if (text) unescape_text(s.text, text_);
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!block_) KZ_CHECK(take_block(now));
      if (text ? block_->add_text(sample, text_) : block_->add(sample)) {
        ++outcome_->samples;
        return {};
      }
      KZ_CHECK(submit());
    }
    return fail(Errc::internal, "line.no_room", "A value does not fit into an empty block.");
  }

  Result<> take_block(Timestamp now) {
    for (const Monotonic until = services_.clock.monotonic() + kRoomWithin;;) {
      block_ = services_.blocks.acquire();
      if (block_) break;
      if (services_.clock.monotonic() >= until) return fail(Errc::exhausted, "request.busy");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    block_->header = {.source = writer_.source,
                      .tenant = tenant_,
                      .received = now,
                      .seq = ++writer_.seq,
                      .clock_state = model::ClockState::unknown};
    return {};
  }

  Result<> submit() {
    if (!block_ || block_->empty()) return {};
    pending_->sent();
    for (const Monotonic until = services_.clock.monotonic() + kRoomWithin;;) {
      auto sent = services_.lanes.submit(block_, {.listener = pending_, .cookie = writer_.seq});
      if (sent) break;
      if (sent.error().code() != Errc::exhausted || services_.clock.monotonic() >= until) {
        pending_->unsent();
        block_ = {};
        return sent;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    block_ = {};
    return {};
  }

  Services& services_;
  const std::function<void(model::TenantId)>& changed_;
  model::TenantId tenant_;
  std::string name_;
  std::mutex mutex_;
  // All below belongs to the request that holds the mutex; kept to reuse their memory.
  Writer writer_;
  SeriesCache cache_;
  Line line_;
  std::vector<Staged> staged_;
  std::vector<model::SeriesName> names_;
  std::vector<SeriesCache::Key> keys_;
  std::unordered_set<std::uint64_t> wanted_;  ///< keys under registration, folded
  std::string text_;
  model::BatchRef block_;
  std::shared_ptr<Pending> pending_;
  Outcome* outcome_ = nullptr;
  std::size_t bad_line_ = 0;
};

Ingest::Ingest(Services& services, std::function<void(model::TenantId)> changed)
    : services_(services), changed_(std::move(changed)) {}
Ingest::~Ingest() = default;

Result<std::shared_ptr<Ingest::Source>> Ingest::source(model::TenantId tenant, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const Key key(tenant, std::string(name));
  if (const auto it = sources_.find(key); it != sources_.end()) {
    it->second.used = ++uses_;
    return it->second.source;
  }
  const auto first = sources_.lower_bound(Key(tenant, {}));
  auto last = first;
  std::size_t mine = 0;
  for (; last != sources_.end() && last->first.first == tenant; ++last) ++mine;
  const bool tenant_full = mine >= kMaxOfTenant, all_full = sources_.size() >= kMaxSources;
  std::shared_ptr<Source> old;
  if (tenant_full) old = evict(first, last);
  else if (all_full) old = evict(sources_.begin(), sources_.end());
  if ((tenant_full || all_full) && !old)
    return fail(Errc::exhausted, "line.too_many_sources", "Too many buckets are written to at the same time.");
  const Source::Writer writer = old ? old->writer() : Source::Writer{.source = services_.lanes.new_source()};
  auto made = std::make_shared<Source>(services_, changed_, tenant, key.second, writer);
  return sources_.emplace(key, Known{std::move(made), ++uses_}).first->second.source;
}

std::shared_ptr<Ingest::Source> Ingest::evict(std::map<Key, Known>::iterator first,
                                              std::map<Key, Known>::iterator last) {
  auto oldest = last;
  for (auto it = first; it != last; ++it)
    // Nobody can come to use it meanwhile: they come through the mutex that is held.
    if (it->second.source.use_count() == 1 && (oldest == last || it->second.used < oldest->second.used)) oldest = it;
  if (oldest == last) return nullptr;
  auto out = std::move(oldest->second.source);
  sources_.erase(oldest);
  return out;
}

Result<Ingest::Outcome> Ingest::write(model::TenantId tenant, std::string_view source_name, std::string_view body,
                                      std::int64_t unit) {
  KZ_TRY(const std::shared_ptr<Source> writer, source(tenant, source_name));
  Outcome outcome;
  const auto pending = std::make_shared<Pending>();
  auto sent = writer->send(body, unit, pending, outcome);
  // Even after a failure: what was sent must not outlive the answer unwatched.
  auto durable = pending->wait(kDurableWithin);
  if (!sent) return fail(std::move(sent).error());
  if (!durable) return fail(std::move(durable).error());
  return outcome;
}

void Ingest::forget(model::TenantId tenant) {
  std::vector<std::shared_ptr<Source>> mine;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, known] : sources_)
      if (key.first == tenant) mine.push_back(known.source);
  }
  for (const auto& s : mine) s->forget();
}

}  // namespace karez::api
