// For callgrind: the same work a fixed number of times, so that the difference of two runs is the cost of one.
//   valgrind --tool=callgrind advertisement_instructions floor|backup|master VERSION INSTANCES ADDRESSES TIMES
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "bench/advertisement_load.h"

int main(int argc, char** argv) {
  using namespace vipdrift;
  using namespace vipdrift::bench;
  if (argc != 6) {
    std::cerr << "usage: advertisement_instructions floor|backup|master VERSION INSTANCES ADDRESSES TIMES\n";
    return 2;
  }
  const std::string_view what = argv[1];
  const AdvertisementCase load{std::atoi(argv[2]) == 2 ? vrrp::Version::v2 : vrrp::Version::v3, std::atoi(argv[3]),
                               std::atoi(argv[4])};
  const long times = std::atol(argv[5]);
  AdvertisementLoad stack(load, what == "master" ? vrrp::State::master : vrrp::State::backup);
  Floor floor(load);
  const vrrp::Datagram& datagram = stack.next();
  long good = 0;
  TimePoint now{};
  for (long i = 0; i < times; ++i) {
    if (what == "floor") {
      now += std::chrono::microseconds{100};
      good += floor.receive(now, datagram) ? 1 : 0;
    } else if (what == "backup") {
      stack.receive();
      ++good;
    } else {
      good += static_cast<long>(stack.advertise_all());
    }
  }
  std::cout << good << '\n';
  return good >= times ? 0 : 1;
}
