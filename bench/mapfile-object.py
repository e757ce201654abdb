"""ShareableList, Python's typed object in shared memory: nanoseconds for a field and for a whole value."""
import sys
import time
from multiprocessing import shared_memory

N = int(sys.argv[1])
shared = shared_memory.ShareableList([99041232, "SecBug"])


def nanoseconds(work):
    best = float("inf")
    each = max(1, N // 100)
    for _ in range(100):
        start = time.perf_counter_ns()
        for i in range(each):
            work(i)
        best = min(best, (time.perf_counter_ns() - start) / each)
    return best


def set_both(i):
    shared[0] = i
    shared[1] = "SecBug"


try:
    print(nanoseconds(lambda i: shared[0]))
    print(nanoseconds(lambda i: shared.__setitem__(0, i)))
    print(nanoseconds(lambda i: [shared[0], shared[1]]))
    print(nanoseconds(set_both))
finally:
    shared.shm.close()
    shared.shm.unlink()
