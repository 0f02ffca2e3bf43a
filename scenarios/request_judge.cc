#include "scenarios/request_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "scenarios/durations.h"

namespace vipdrift::scenarios {
namespace {

constexpr int kFirstBadStatus = 400;
constexpr std::uint64_t kMillion = 1'000'000;

/// A request that has ended.
struct Request {
  Duration at{0};
  const RequestDone* done = nullptr;

  bool answered() const { return done->failure == RequestFailure::none; }
  bool welcome(const std::optional<int>& status) const {
    return answered() && (status ? done->status == *status : done->status < kFirstBadStatus);
  }
};
using Requests = std::span<const Request>;

std::vector<Request> requests_of(const Timeline& timeline, const std::string& client, const Url& url) {
  std::vector<Request> requests;
  for (const Observation& seen : timeline.observations()) {
    const auto* done = std::get_if<RequestDone>(&seen.what);
    if (done != nullptr && seen.node == client && done->url == url) requests.push_back({seen.at, done});
  }
  return requests;
}

/// What became of a request, without how long it took.
std::string outcome_text(const Request& request) {
  if (!request.answered()) return "a request was " + std::string{to_string(request.done->failure)};
  const int status = request.done->status;
  return (request.done->node.empty() ? "somebody" : request.done->node) + " answered" +
         (status == 0 ? "" : " with " + std::to_string(status));
}

std::map<std::string, std::size_t> counts_of(Requests window) {
  std::map<std::string, std::size_t> counts;
  for (const Request& request : window) {
    ++counts[request.answered() ? request.done->node : std::string{to_string(request.done->failure)}];
  }
  return counts;
}

std::string counts_text(Requests window) {
  std::string text = std::to_string(window.size()) + (window.size() == 1 ? " request" : " requests");
  bool first = true;
  for (const auto& [who, count] : counts_of(window)) {
    text += (first ? ": " : ", ") + who + " " + std::to_string(count);
    first = false;
  }
  return text;
}

/// Why a window does not satisfy a condition.
struct Flaw {
  std::string seen;
  Duration at{0};
  std::size_t position = 0;  ///< in the window: no window that contains this request is better
};

struct WindowJudge {
  Requests window;  ///< not empty

  std::optional<Flaw> operator()(const AnswersFrom& it) const {
    for (std::size_t i = 0; i < window.size(); ++i) {
      const Request& request = window[i];
      const bool named = std::find(it.nodes.begin(), it.nodes.end(), request.done->node) != it.nodes.end();
      if (!request.welcome(it.status) || !named) return flaw(i, outcome_text(request));
      if (it.in_turn && out_of_turn(it.nodes.size(), i)) return flaw(i, outcome_text(request) + " out of turn");
    }
    const auto counts = counts_of(window);
    for (const std::string& node : it.nodes) {
      if (counts.count(node) == 0) return flaw(0, node + " never answered: " + counts_text(window));
    }
    return std::nullopt;
  }

  std::optional<Flaw> operator()(const SharesAre& it) const {
    const auto counts = counts_of(window);
    for (const SharesAre::Share& share : it.shares) {
      const auto found = counts.find(share.node);
      const std::uint64_t times_million = (found == counts.end() ? 0 : found->second) * kMillion;
      const bool too_few = times_million < share.least_ppm * window.size();
      const bool too_many = times_million > share.most_ppm * window.size();
      if (too_few || too_many) {
        return flaw(0, (too_few ? "too few from " : "too many from ") + share.node + ", " + counts_text(window));
      }
    }
    return std::nullopt;
  }

  std::optional<Flaw> operator()(const NotServed& it) const {
    for (std::size_t i = 0; i < window.size(); ++i) {
      const Request& request = window[i];
      if (request.answered() || (it.how && request.done->failure != *it.how)) return flaw(i, outcome_text(request));
    }
    return std::nullopt;
  }

  template <class Other>
  std::optional<Flaw> operator()(const Other&) const {
    return flaw(0, "not said of requests");
  }

 private:
  Flaw flaw(std::size_t position, std::string seen) const { return {std::move(seen), window[position].at, position}; }

  /// In turn: the machine of `rotation` requests ago, and nobody of those between.
  bool out_of_turn(std::size_t rotation, std::size_t i) const {
    const std::string& node = window[i].done->node;
    if (i >= rotation) return window[i - rotation].done->node != node;
    return std::any_of(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(i),
                       [&](const Request& earlier) { return earlier.done->node == node; });
  }
};

/// The requests that begin in [from, to].
Requests between(const std::vector<Request>& requests, Duration from, Duration to) {
  const auto first = std::lower_bound(requests.begin(), requests.end(), from,
                                      [](const Request& request, Duration at) { return request.at < at; });
  const auto behind = std::upper_bound(first, requests.end(), to,
                                       [](Duration at, const Request& request) { return at < request.at; });
  return {first, behind};
}

struct Asked {
  std::string client;
  Url url;
};
struct AskedBy {
  Asked operator()(const AnswersFrom& it) const { return {it.client, it.url}; }
  Asked operator()(const SharesAre& it) const { return {it.client, it.url}; }
  Asked operator()(const NotServed& it) const { return {it.client, it.url}; }
  template <class Other>
  Asked operator()(const Other&) const {
    return {};
  }
};

Duration length_of(const Expectation& expectation) {
  if (expectation.holds_until) return *expectation.holds_until - expectation.since;
  return expectation.holds_for.value_or(Duration{0});
}

/// The first window that satisfies the condition, and the flaw of the last one that was too early to.
class WindowSearch {
 public:
  WindowSearch(const Scenario& scenario, const Timeline& timeline, const Expectation& expectation)
      : expectation_{expectation}, length_{length_of(expectation)}, end_{scenario.end} {
    const Asked asked = std::visit(AskedBy{}, expectation.condition);
    requests_ = requests_of(timeline, asked.client, asked.url);
  }

  Judgement judge() {
    const Duration latest = expectation_.deadline.value_or(expectation_.since);
    Duration begin = expectation_.since;
    std::optional<Flaw> told;
    while (begin + length_ <= end_) {
      const Requests window = between(requests_, begin, begin + length_);
      if (window.empty()) {
        if (begin <= latest) told = Flaw{"no request began from " + to_text(begin) + " on", begin, 0};
        const Requests later = between(requests_, begin, end_);
        if (later.empty() || !expectation_.deadline) break;
        begin = later.front().at;
        continue;
      }
      const std::optional<Flaw> flaw = std::visit(WindowJudge{window}, expectation_.condition);
      if (!flaw) return found(begin, latest, window, told);
      if (begin <= latest) told = flaw;
      if (!expectation_.deadline) break;
      begin = window[flaw->position].at + Duration{1};
    }
    if (!told) told = Flaw{"the run ended at " + to_text(end_) + " before the requests could be looked at", end_, 0};
    return failed(*told);
  }

 private:
  Judgement found(Duration begin, Duration latest, Requests window, const std::optional<Flaw>& told) const {
    Judgement judgement;
    judgement.held = begin <= latest;
    judgement.at = begin;
    judgement.measured = begin;
    judgement.seen = counts_text(window);
    if (expectation_.deadline) {
      judgement.margin = latest - begin;
      judgement.seen += " from " + to_text(begin) + " on";
    }
    if (!judgement.held) {
      judgement.seen += ", " + to_text(begin - latest) + " too late";
      if (told) judgement.seen = told->seen + " at " + to_text(told->at) + "; only " + judgement.seen;
      if (told) judgement.at = told->at;
    }
    return judgement;
  }

  Judgement failed(const Flaw& flaw) const {
    Judgement judgement;
    judgement.seen = flaw.seen + " at " + to_text(flaw.at);
    judgement.at = flaw.at;
    return judgement;
  }

  const Expectation& expectation_;
  Duration length_;
  Duration end_;
  std::vector<Request> requests_;
};

}  // namespace

Judgement judge_window(const Scenario& scenario, const Timeline& timeline, const Expectation& expectation) {
  return WindowSearch{scenario, timeline, expectation}.judge();
}

Judgement judge_requests(const Scenario& scenario, const Timeline& timeline, const RequestsServed& invariant) {
  Judgement judgement;
  int failures = 0;
  Duration longest{0};
  std::optional<Duration> first_failure;
  std::optional<Duration> longest_from;
  std::optional<Duration> last_success;
  bool failing = false;
  const auto end_outage = [&](Duration at) {
    if (failing && last_success && at - *last_success > longest) {
      longest = at - *last_success;
      longest_from = last_success;
    }
    failing = false;
  };
  for (const Request& request : requests_of(timeline, invariant.client, invariant.url)) {
    if (request.welcome(std::nullopt)) {
      end_outage(request.at);
      last_success = request.at;
    } else if (last_success) {
      failing = true;
      ++failures;
      if (!first_failure) first_failure = request.at;
    }
  }
  if (!last_success) {
    judgement.seen = "no request of " + invariant.client + " for " + to_string(invariant.url) + " ever succeeded";
    return judgement;
  }
  end_outage(scenario.end);
  judgement.held = failures <= invariant.failures_at_most.value_or(failures) &&
                   longest <= invariant.outage_at_most.value_or(longest) &&
                   longest >= invariant.outage_at_least.value_or(longest);
  judgement.seen = std::to_string(failures) + (failures == 1 ? " request failed" : " requests failed");
  if (longest_from) {
    judgement.seen += ", the longest outage was " + to_text(longest) + " from " + to_text(*longest_from);
  }
  judgement.at = longest_from ? longest_from : first_failure;
  if (invariant.outage_at_most || invariant.outage_at_least) judgement.measured = longest;
  if (invariant.outage_at_most) judgement.margin = *invariant.outage_at_most - longest;
  if (invariant.outage_at_least) {
    judgement.margin = std::min(judgement.margin.value_or(Duration::max()), longest - *invariant.outage_at_least);
  }
  return judgement;
}

}  // namespace vipdrift::scenarios
