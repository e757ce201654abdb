// What bench/queue.ts compares with in C++: `queue-peers <boost-rate | spsc-rate | boost-trip> <seconds>` prints one line.
// Messages of 1 KiB, 1,024 of them in the queue; a round trip is 8 bytes each way, and prints p50 and p99 in µs.
#include <algorithm>
#include <atomic>
#include <boost/interprocess/ipc/message_queue.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bip = boost::interprocess;
using queue = bip::message_queue;

static const unsigned DEPTH = 1024, BYTES = 1024;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T> static T* shared() {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) abort();
  return new (memory) T();
}

static void boostRate(double seconds) {
  const std::string name = "mapfile-bench-" + std::to_string(getpid());
  queue sender(bip::create_only, name.c_str(), DEPTH, BYTES);
  auto* count = shared<std::atomic<long>>();
  char message[BYTES];
  memset(message, 7, sizeof message);
  if (fork() == 0) {
    queue receiver(bip::open_only, name.c_str());
    queue::size_type size = 0;
    unsigned priority;
    long received = 0;
    for (;;) {
      receiver.receive(message, BYTES, size, priority);
      if (size == 1) break;
      received += 1;
    }
    count->store(received);
    _exit(0);
  }
  const double begin = now();
  while (now() - begin < seconds)
    for (int i = 0; i < 64; i++) sender.send(message, BYTES, 0);
  sender.send(message, 1, 0);
  wait(nullptr);
  printf("%.0f\n", count->load() / (now() - begin));
  queue::remove(name.c_str());
}

static void boostTrip(double seconds) {
  const std::string there = "mapfile-bench-there-" + std::to_string(getpid()), back = "mapfile-bench-back-" + std::to_string(getpid());
  queue a(bip::create_only, there.c_str(), 16, 8), b(bip::create_only, back.c_str(), 16, 8);
  long message = 0;
  queue::size_type size;
  unsigned priority;
  if (fork() == 0) {
    queue from(bip::open_only, there.c_str()), to(bip::open_only, back.c_str());
    while (message >= 0) {
      from.receive(&message, 8, size, priority);
      to.send(&message, 8, 0);
    }
    _exit(0);
  }
  std::vector<double> times;
  for (const double begin = now(); now() - begin < seconds;) {
    const double start = now();
    a.send(&message, 8, 0);
    b.receive(&message, 8, size, priority);
    times.push_back((now() - start) * 1e6);
  }
  message = -1;
  a.send(&message, 8, 0);
  wait(nullptr);
  std::sort(times.begin(), times.end());
  printf("%.3f %.3f\n", times[times.size() / 2], times[times.size() * 99 / 100]);
  queue::remove(there.c_str());
  queue::remove(back.c_str());
}

// One producer, one consumer, cells of 1 KiB; each side remembers where it last saw the other. Nobody may die.
struct Ring {
  alignas(128) std::atomic<unsigned long> tail{0};
  unsigned long headSeen = 0;
  alignas(128) std::atomic<unsigned long> head{0};
  unsigned long tailSeen = 0;
  alignas(128) char cells[DEPTH][BYTES];
};

static void pass(int& spins) {
  if (++spins < 2000) return;
  spins = 0;
  sched_yield();
}

static void spscRate(double seconds) {
  auto* ring = shared<Ring>();
  auto* count = shared<std::atomic<long>>();
  char message[BYTES];
  memset(message, 7, sizeof message);
  auto push = [&] {
    const unsigned long tail = ring->tail.load(std::memory_order_relaxed);
    for (int spins = 0; tail - ring->headSeen >= DEPTH; pass(spins)) ring->headSeen = ring->head.load(std::memory_order_acquire);
    memcpy(ring->cells[tail % DEPTH], message, BYTES);
    ring->tail.store(tail + 1, std::memory_order_release);
  };
  if (fork() == 0) {
    long received = 0;
    for (unsigned long head = 0;; head++) {
      for (int spins = 0; head == ring->tailSeen; pass(spins)) ring->tailSeen = ring->tail.load(std::memory_order_acquire);
      memcpy(message, ring->cells[head % DEPTH], BYTES);
      ring->head.store(head + 1, std::memory_order_release);
      if (message[0] == 1) break;
      received += 1;
    }
    count->store(received);
    _exit(0);
  }
  const double begin = now();
  while (now() - begin < seconds)
    for (int i = 0; i < 64; i++) push();
  message[0] = 1;
  push();
  wait(nullptr);
  printf("%.0f\n", count->load() / (now() - begin));
}

int main(int, char** argv) {
  const std::string what = argv[1];
  const double seconds = atof(argv[2]);
  if (what == "boost-rate") boostRate(seconds);
  else if (what == "boost-trip") boostTrip(seconds);
  else spscRate(seconds);
}
